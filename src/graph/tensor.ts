import { ShapeError } from "../util/errors.ts";
import { allocate, type DType, holds, type TensorData } from "./dtype.ts";
import type { Call } from "./op.ts";
import { type Shape, showShape, sizeOf } from "./shape.ts";

/** Where a tensor's values come from: fed at run time, fixed in the graph, or computed. */
export type Source =
  | { readonly kind: "input"; readonly name: string }
  | { readonly kind: "constant"; readonly data: TensorData }
  | { readonly kind: "call"; readonly call: Call };

/** What is known of a tensor before it has values. */
export interface TensorType {
  /** Sizes of its axes, outermost first. */
  readonly shape: Shape;
  /** Type of its elements. */
  readonly dtype: DType;
}

/**
 * A symbolic tensor: a node of the graph. It has a shape and a dtype, and values only when a runtime runs the graph.
 */
export class Tensor implements TensorType {
  /** Sizes of its axes, outermost first. */
  readonly shape: Shape;
  /** Type of its elements. */
  readonly dtype: DType;
  /** Where its values come from. */
  readonly source: Source;

  /** Makes a node. `input`, `constant` and the operators' functions do it for you. */
  constructor(type: TensorType, source: Source) {
    if (type.shape.some((n) => !Number.isInteger(n) || n < 0))
      throw new ShapeError(`tensor: expected sizes that are whole numbers, but received ${showShape(type.shape)}`);
    this.shape = type.shape;
    this.dtype = type.dtype;
    this.source = source;
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /**
   * Dtype and shape as text: `float32[2, 3]`.
   * @example const text = x.toString(); // "float32[8, 3, 360, 480]"
   */
  toString(): string {
    return `${this.dtype}${showShape(this.shape)}`;
  }
}

/**
 * A tensor fed at run time. The name is for printing; a program names its inputs itself.
 * @example
 * const images = input("images", [8, 3, 360, 480]);
 * const masks = input("masks", [8, 360, 480], "int32");
 */
export function input(name: string, shape: Shape, dtype: DType = "float32"): Tensor {
  return new Tensor({ shape, dtype }, { kind: "input", name });
}

/**
 * A tensor with fixed values, row-major; the dtype follows from the array unless it is given. Throws a ShapeError for
 * another number of values than the shape has elements.
 * @example const eye = constant(Float32Array.of(1, 0, 0, 1), [2, 2]);
 */
export function constant(data: TensorData, shape: Shape, dtype: DType = dtypeOf(data)): Tensor {
  if (!holds(dtype, data))
    throw new ShapeError(`constant: expected an array that holds ${dtype}, but received ${data.constructor.name}`);
  if (data.length !== sizeOf(shape))
    throw new ShapeError(
      `constant: expected ${sizeOf(shape)} values for ${showShape(shape)}, but received ${data.length}`,
    );
  return new Tensor({ shape, dtype }, { kind: "constant", data });
}

/**
 * A float32 constant without axes.
 * @example const half = scalar(0.5);
 */
export function scalar(value: number): Tensor {
  return constant(Float32Array.of(value), []);
}

/**
 * A float32 constant with every element equal to `value`.
 * @example const ones = full([2, 3], 1);
 */
export function full(shape: Shape, value: number): Tensor {
  return constant(allocate("float32", sizeOf(shape)).fill(value), shape);
}

/**
 * The int32 numbers 0 … n−1.
 * @example const index = iota(4); // 0, 1, 2, 3
 */
export function iota(n: number): Tensor {
  return constant(
    Int32Array.from({ length: n }, (_, i) => i),
    [n],
  );
}

function dtypeOf(data: TensorData): DType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof BigInt64Array) return "int64";
  return "uint8";
}
