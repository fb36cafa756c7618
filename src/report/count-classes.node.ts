import { forEachLimited } from "../data/concurrent.ts";
import type { Item, SegmentationDataset } from "../data/dataset.ts";
import { decodeMask } from "../data/decode.node.ts";
import { histogramOf } from "../data/mask-values.ts";
import type { ClassShare } from "../plots/class-balance.ts";
import type { Balance } from "./run-report.ts";

/** Of longer lists this many masks, evenly spread, stand for all. */
const mostMasks = 1000;
/** Masks in work at a time. */
const parallel = 4;

/** Told how many masks of how many are counted. */
export interface CountOptions {
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * How often each class occurs in the masks of all lists, by pixels and by pictures, void included; pixels beyond the
 * classes are left out, and a test list without masks.
 */
export async function countBalance(
  dataset: Pick<SegmentationDataset, "classes" | "palette" | "train" | "valid" | "test" | "masks">,
  { onProgress, signal }: CountOptions = {},
): Promise<Balance> {
  const { classes, palette, train, valid, test = [] } = dataset;
  const tested = test.filter((picture): picture is Item => picture.mask !== undefined);
  const lists = [train, valid, tested].map(spread);
  const total = lists.reduce((sum, list) => sum + list.length, 0);
  let done = 0;
  const shares = [];
  for (const list of lists)
    shares.push(
      await sharesOf(list, dataset, () => {
        signal?.throwIfAborted();
        onProgress?.(++done, total);
      }),
    );
  const [trained, validated, last] = shares as [ClassShare[], ClassShare[], ClassShare[]];
  return {
    counted: total,
    of: train.length + valid.length + tested.length,
    classes: classes.map((name, id) => ({
      ...{ name, train: trained[id]!, valid: validated[id]! },
      ...(tested.length > 0 && { test: last[id]! }),
      ...(palette[id] && { colour: palette[id] }),
    })),
  };
}

function spread(items: readonly Item[]): Item[] {
  const count = Math.min(items.length, mostMasks);
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!);
}

async function sharesOf(
  items: readonly Item[],
  { classes, masks }: Pick<SegmentationDataset, "classes" | "masks">,
  onMask: () => void,
): Promise<ClassShare[]> {
  const pixels = new Float64Array(classes.length);
  const pictures = new Float64Array(classes.length);
  await forEachLimited(items.length, parallel, async (i) => {
    const histogram = histogramOf((await decodeMask(items[i]!.mask, { masks })).data);
    for (const id of classes.keys()) {
      pixels[id]! += histogram[id]!;
      if (histogram[id]! > 0) pictures[id]!++;
    }
    onMask();
  });
  const all = pixels.reduce((sum, count) => sum + count, 0);
  return Array.from(pixels, (count, id) => ({
    pixels: all > 0 ? count / all : 0,
    pictures: items.length > 0 ? pictures[id]! / items.length : 0,
  }));
}
