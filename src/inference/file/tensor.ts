import type { Size } from "../../data/image.ts";
import type { ShapedValues } from "../../runtime/open-file.ts";
import { ConfigError, ShapeError } from "../../util/errors.ts";
import type { ModelSpec } from "../model-spec.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { partOf } from "./looks.ts";
import { softmaxInPlace } from "./scores.ts";

/** The number and the size of the pictures in values of a model's own input. Throws a ShapeError where they are no such values. */
export function picturesIn({ input, resize }: ModelSpec, { data, shape }: ShapedValues): Size & { readonly n: number } {
  const [n = NaN, ...sides] = shape;
  const [channels = NaN, height = NaN, width = NaN] =
    input.layout === "NCHW" ? sides : [sides[2] ?? NaN, ...sides.slice(0, 2)];
  const dtype = data instanceof Float32Array ? "float32" : "uint8";
  const fits = dtype === input.dtype && shape.length === 4 && channels === 3 && countOf(shape) === data.length;
  if (fits && n > 0 && Math.min(height, width) >= resize.minimum) return { n, height, width };
  const expected = input.layout === "NCHW" ? "[N, 3, H, W]" : "[N, H, W, 3]";
  throw new ShapeError(
    `predict: expected ${input.dtype} values ${expected} of at least ${resize.minimum}×${resize.minimum} pixels, but received ${data.length} of ${dtype} as [${shape.join(", ")}]`,
  );
}

/** Throws a ConfigError for models whose inputs are not the same, so that one's values mean something else to another. */
export function requireSameInput(models: readonly LoadedModel[]): void {
  const [first, ...others] = models.map(({ spec: { input, stats } }) =>
    JSON.stringify([input.dtype, input.layout, input.dtype === "float32" && stats]),
  );
  if (others.every((other) => other === first)) return;
  throw new ConfigError("predict: the models take different inputs, so no values suit them all", {
    hint: "Predict pictures, which each model normalises its own way.",
  });
}

/** The least share that is told apart from none: the least float32 above 0 with all its digits. */
const least = 2 ** -126;

/** Logits [N, classes, …] whose softmax is the mean of the softmax of several. */
export function meanLogits(several: readonly ShapedValues[]): ShapedValues {
  const [{ shape }] = several as [ShapedValues];
  const [n = 0, classes = 0] = shape;
  const shares = new Float32Array(countOf(shape));
  for (const { data } of several)
    for (let i = 0; i < n; i++) {
      const [own, sum] = [partOf(data as Float32Array, i, n), partOf(shares, i, n)];
      softmaxInPlace(own, classes, own.length / classes);
      for (const [at, share] of own.entries()) sum[at]! += share / several.length;
    }
  return { data: shares.map((share) => Math.log(Math.max(share, least))), shape };
}

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
