import { expectDType } from "../expect.ts";
import { normalizeAxis } from "../shape.ts";
import { iota, type Tensor } from "../tensor.ts";
import { cast, equal } from "./elementwise.ts";
import { reshape } from "./movement.ts";

/**
 * int32 class ids to float32 zeros and ones along a new axis of `depth`; an id outside [0, depth) gives zeros. Throws a
 * ShapeError for ids of another dtype.
 * @example const y = oneHot(ids, 12, 1); // [N, H, W] → [N, 12, H, W]
 */
export function oneHot(ids: Tensor, depth: number, axis: number): Tensor {
  expectDType("oneHot", "int32", ids);
  const rank = ids.rank + 1;
  const at = normalizeAxis("oneHot", axis, rank);
  const column = reshape(ids, [...ids.shape.slice(0, at), 1, ...ids.shape.slice(at)]);
  const classes = reshape(
    iota(depth),
    Array.from({ length: rank }, (_, i) => (i === at ? depth : 1)),
  );
  return cast(equal(column, classes), "float32");
}
