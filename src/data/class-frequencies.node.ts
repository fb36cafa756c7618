import { type ClassFrequencies, type ClassWeightOptions, weightsFrom } from "../losses/class-weights.ts";
import { forEachLimited } from "./concurrent.ts";
import type { SegmentationDataset } from "./dataset.ts";
import { decodeMask } from "./decode.node.ts";
import { histogramOf } from "./mask-values.ts";

/** The part of a dataset whose masks are counted. */
export type CountedDataset = Pick<SegmentationDataset, "train" | "classes" | "voidIndex" | "masks">;

export interface CountOptions {
  /** Told the masks done so far and their number. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Ends the counting by throwing the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Masks in work at a time. */
const parallel = 6;

/**
 * Counts the pixels of each class in the training masks at their full size, mask by mask. Void and ids outside the
 * classes are left out. Throws what `decodeMask` throws.
 * @example const { pixels } = await countClasses(dataset);
 */
export async function countClasses(
  { train, classes, voidIndex, masks }: CountedDataset,
  { onProgress, signal }: CountOptions = {},
): Promise<ClassFrequencies> {
  const pixels = classes.map(() => 0);
  const around = classes.map(() => 0);
  let done = 0;
  await forEachLimited(train.length, parallel, async (i) => {
    signal?.throwIfAborted();
    const { data } = await decodeMask(train[i]!.mask, { masks });
    const histogram = histogramOf(data);
    const counts = classes.map((_, c) => (c === voidIndex ? 0 : histogram[c]!));
    const labelled = counts.reduce((sum, n) => sum + n, 0);
    for (const [c, n] of counts.entries()) {
      pixels[c]! += n;
      if (n > 0) around[c]! += labelled;
    }
    onProgress?.(++done, train.length);
  });
  return { pixels, around };
}

/**
 * Weights against the imbalance of the classes, from the training masks of a dataset or of data made of one; give them
 * to a loss as `weight`. Void gets 0. Throws as `countClasses` and `weightsFrom`.
 * @example
 * const weight = await classWeights(data, { method: "median-frequency" });
 * const weighted = await unetLearner(data, "resnet34", { loss: crossEntropy({ weight }) });
 */
export async function classWeights(
  data: CountedDataset | { readonly dataset: CountedDataset },
  options: ClassWeightOptions & CountOptions = {},
): Promise<number[]> {
  return weightsFrom(await countClasses("dataset" in data ? data.dataset : data, options), options);
}
