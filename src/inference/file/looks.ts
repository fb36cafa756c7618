import type { RgbImage, Size } from "../../data/image.ts";
import type { ModelSpec } from "../model-spec.ts";
import { type TtaOptions, viewsOf } from "../tta-views.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { mirrored } from "./picture.ts";
import type { Look } from "./scores.ts";

/**
 * Every model's every view of pictures: for each picture its looks, whose weights add up to 1.
 * @param sizeOf the size at which a model sees the pictures as they are.
 */
export async function looksAt(
  models: readonly LoadedModel[],
  images: readonly RgbImage[],
  sizeOf: (spec: ModelSpec) => Size,
  tta?: TtaOptions,
): Promise<Look[][]> {
  const views = tta ? viewsOf(tta) : [{ flip: false, scale: 1, weight: 1 }];
  const looks: Look[][] = images.map(() => []);
  for (const model of models)
    for (const { flip, scale, weight } of views) {
      const size = seenSize(model.spec, sizeOf(model.spec), scale);
      const { data } = await model.see(flip ? images.map(mirrored) : images, size);
      for (const [i, list] of looks.entries())
        list.push({
          ...size,
          flip,
          logits: partOf(data as Float32Array, i, images.length),
          weight: weight / models.length,
        });
    }
  return looks;
}

/** The i-th of `count` equal parts. */
export function partOf(data: Float32Array, i: number, count: number): Float32Array {
  const each = data.length / count;
  return data.subarray(i * each, (i + 1) * each);
}

/** The size at which a network sees what has a size, times a factor; not below the least it takes. */
export function seenSize({ resize: { minimum } }: ModelSpec, { height, width }: Size, factor = 1): Size {
  const side = (length: number): number => Math.max(Math.round(length * factor), minimum);
  return { height: side(height), width: side(width) };
}
