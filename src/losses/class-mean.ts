import { mul } from "../graph/ops/elementwise.ts";
import { sum } from "../graph/ops/reduce.ts";
import { constant, type Tensor } from "../graph/tensor.ts";
import { ConfigError } from "../util/errors.ts";
import { checkWeightCount } from "./pixels.ts";

export interface ClassMeanOptions {
  readonly weight?: readonly number[] | undefined;
  /** The classes that take part; by default all. */
  readonly classes?: readonly number[] | undefined;
}

/** The weighted mean of one number for each class, [C]. Throws a ConfigError where no class has a weight above 0. */
export function classMean(where: string, perClass: Tensor, options: ClassMeanOptions): Tensor {
  const shares = classShares(where, perClass.shape[0]!, options);
  return sum(mul(perClass, constant(shares, [shares.length])));
}

/** How much each class counts, together 1. */
function classShares(where: string, count: number, { weight, classes }: ClassMeanOptions): Float32Array {
  checkWeightCount(where, weight, count);
  const unknown = classes?.find((c) => !(Number.isInteger(c) && c >= 0 && c < count));
  if (unknown !== undefined || classes?.length === 0)
    throw new ConfigError(`${where}: classes: expected ids in [0, ${count - 1}], but received ${unknown ?? "none"}`);
  const weights = Array.from({ length: count }, (_, c) => (classes?.includes(c) === false ? 0 : (weight?.[c] ?? 1)));
  const total = weights.reduce((all, w) => all + w, 0);
  if (total > 0) return Float32Array.from(weights, (w) => w / total);
  throw new ConfigError(`${where}: expected a class with a weight above 0, but received ${weights.join(", ")}`);
}
