import { ShapeError } from "../util/errors.ts";
import type { DType } from "./dtype.ts";
import { sameShape, showShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Throws a ShapeError unless every operand has the dtype. */
export function expectDType(where: string, dtype: DType, ...tensors: readonly Tensor[]): void {
  for (const tensor of tensors)
    if (tensor.dtype !== dtype) throw new ShapeError(`${where}: expected ${dtype}, but received ${tensor}`);
}

/** Throws a ShapeError unless every operand has numbers to compute with: uint8 and bool are to be cast first. */
export function expectNumbers(where: string, ...tensors: readonly Tensor[]): void {
  for (const tensor of tensors)
    if (tensor.dtype === "uint8" || tensor.dtype === "bool")
      throw new ShapeError(`${where}: expected float32, int32 or int64, but received ${tensor}`);
}

/** Throws a ShapeError unless the tensor has `rank` axes; `layout` names them, such as "NCHW". */
export function expectRank(where: string, tensor: Tensor, rank: number, layout: string): void {
  if (tensor.rank !== rank)
    throw new ShapeError(`${where}: expected ${rank} axes (${layout}), but received ${showShape(tensor.shape)}`);
}

/** Throws a ShapeError unless both tensors have one shape. */
export function expectSameShape(where: string, a: Tensor, b: Tensor): void {
  if (!sameShape(a.shape, b.shape))
    throw new ShapeError(
      `${where}: expected equal shapes, but received ${showShape(a.shape)} and ${showShape(b.shape)}`,
    );
}

/** Throws a ShapeError unless all operands have one dtype, which it returns. */
export function commonDType(where: string, ...tensors: readonly [Tensor, ...Tensor[]]): DType {
  const [first] = tensors;
  for (const tensor of tensors)
    if (tensor.dtype !== first.dtype)
      throw new ShapeError(`${where}: expected operands of one dtype, but received ${first} and ${tensor}`);
  return first.dtype;
}
