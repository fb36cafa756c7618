import { expectDType, expectRank } from "../graph/expect.ts";
import { and, cast, equal, greaterOrEqual, less, not } from "../graph/ops/elementwise.ts";
import { reshape } from "../graph/ops/movement.ts";
import { sameShape, showShape } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { ConfigError, ShapeError } from "../util/errors.ts";

/** The number of classes; throws a ShapeError unless logits are [N, C, H, W] and class ids int32 [N, H, W]. */
export function checkOperands(where: string, logits: Tensor, target: Tensor): number {
  expectDType(where, "float32", logits);
  expectRank(where, logits, 4, "NCHW");
  expectDType(where, "int32", target);
  const [n, c, h, w] = logits.shape as readonly [number, number, number, number];
  if (!sameShape(target.shape, [n, h, w]))
    throw new ShapeError(
      `${where}: expected class ids ${showShape([n, h, w])} for logits ${showShape(logits.shape)}, but received ${showShape(target.shape)}`,
    );
  return c;
}

/** Throws a ConfigError for class weights below 0 or not finite. */
export function checkWeight(where: string, weight: readonly number[] | undefined): void {
  if (weight?.some((w) => !(w >= 0 && w < Infinity)))
    throw new ConfigError(`${where}: expected class weights of at least 0, but received ${weight.join(", ")}`);
}

/** Throws a ConfigError unless there is one weight for each class. */
export function checkWeightCount(where: string, weight: readonly number[] | undefined, classes: number): void {
  if (weight && weight.length !== classes)
    throw new ConfigError(`${where}: expected ${classes} class weights, but received ${weight.length}`, {
      hint: "Give one weight for each class, in the order of codes.txt.",
    });
}

/** Throws a ConfigError unless the option is a number in the range. */
export function checkNumber(where: string, name: string, value: number, low: number, high = Infinity): void {
  if (value >= low && value <= high && Number.isFinite(value)) return;
  const range = high === Infinity ? `of at least ${low}` : `in [${low}, ${high}]`;
  throw new ConfigError(`${where}: ${name}: expected a number ${range}, but received ${value}`);
}

/** Which pixels count, bool [N, H, W]: those whose id is a class and not the one to ignore. */
export function countedPixels(target: Tensor, classes: number, ignoreIndex: number | undefined): Tensor {
  const known = and(greaterOrEqual(target, 0), less(target, classes));
  return ignoreIndex === undefined ? known : and(known, not(equal(target, ignoreIndex)));
}

/** 1 for pixels that count, 0 for others, float32 [N, 1, H, W]. */
export function countedMask(target: Tensor, classes: number, ignoreIndex: number | undefined): Tensor {
  const [n, h, w] = target.shape as readonly [number, number, number];
  return reshape(cast(countedPixels(target, classes, ignoreIndex), "float32"), [n, 1, h, w]);
}
