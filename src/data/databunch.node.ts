import type { DataBunch } from "./databunch.ts";
import type { SegmentationDataset } from "./dataset.ts";
import { DataLoader } from "./loader.node.ts";
import { type ChannelStats, flipHorizontal, imagenetStats, type TransformSpec } from "./transform.ts";

export interface DataBunchOptions {
  /** Height and width that pictures and masks are resized to. */
  readonly size: readonly [height: number, width: number];
  /** Pictures of a batch, in training and validation alike; default 8. */
  readonly batchSize?: number;
  /** Random transforms of the training pictures; default: a horizontal flip of every second one. */
  readonly transforms?: readonly TransformSpec[];
  /** Mean and standard deviation of the channels; default ImageNet's. */
  readonly stats?: ChannelStats;
  /** Decides the order of the pictures and the random transforms; default 0. */
  readonly seed?: number;
  /** Decoding threads of each split. */
  readonly workers?: number;
}

/** Loaders over a dataset: training shuffled without the last partial batch, validation complete and in order. */
export function databunch(dataset: SegmentationDataset, options: DataBunchOptions): DataBunch {
  const { size, batchSize = 8, transforms = [flipHorizontal()], stats = imagenetStats, seed = 0, workers } = options;
  const { classes, voidIndex, palette } = dataset;
  const common = { batchSize, seed, classes: classes.length, ...(workers === undefined ? {} : { workers }) };
  const train = new DataLoader(dataset.train, {
    ...common,
    spec: { size, transforms, stats },
    shuffle: true,
    dropLast: true,
  });
  const valid = new DataLoader(dataset.valid, { ...common, spec: { size, transforms: [], stats } });
  const close = async (): Promise<void> => {
    await Promise.all([train.close(), valid.close()]);
  };
  return { classes, voidIndex, palette, size, stats, train, valid, close };
}
