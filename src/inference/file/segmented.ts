import type { RgbImage, Size } from "../../data/image.ts";
import type { ModelSpec } from "../model-spec.ts";
import { eachRow, type Look, softmaxInPlace } from "./scores.ts";
import { bestOf, type Segmentation, SegmentationRows } from "./segmentation.ts";

/** What comes with the classes of the pixels. */
export interface SegmentedOptions {
  readonly probabilities?: boolean;
  readonly overlay?: number;
}

/** What looks see on average, at a size; over the picture, where there is one. */
export function segmented(
  spec: ModelSpec,
  looks: readonly Look[],
  size: Size,
  { probabilities = false, overlay }: SegmentedOptions,
  image: RgbImage | null = null,
): Segmentation {
  const classes = spec.names.length;
  const rows = new SegmentationRows(spec, size, probabilities);
  eachRow(looks, classes, size, (y, scores) => {
    const ids = bestOf(scores, size.width);
    if (looks.length === 1) softmaxInPlace(scores, classes, size.width);
    rows.add(y, scores, ids);
  });
  return rows.result(image, overlay);
}

/** The nearest of ids that a network gave, at a size; over the picture, where there is one. */
export function segmentedIds(
  spec: ModelSpec,
  ids: ArrayLike<number>,
  seen: Size,
  size: Size,
  overlay?: number,
  image: RgbImage | null = null,
): Segmentation {
  const rows = new SegmentationRows(spec, size, false);
  const none = new Float32Array(spec.names.length * size.width);
  for (let y = 0; y < size.height; y++) {
    const from = nearest(y, seen.height, size.height) * seen.width;
    const row = Uint8Array.from({ length: size.width }, (_, x) => ids[from + nearest(x, seen.width, size.width)]!);
    rows.add(y, none, row);
  }
  return rows.result(image, overlay, false);
}

/** The place nearest to `at` of `to` places among `from`, corners on corners. */
function nearest(at: number, from: number, to: number): number {
  return to === 1 ? 0 : Math.round((at * (from - 1)) / (to - 1));
}
