import { ConfigError } from "../util/errors.ts";
import type { Batch } from "./batch.ts";
import type { SegmentationDataset } from "./dataset.ts";
import type { ChannelStats } from "./transforms/normalize.ts";

/** The loaders of a DataBunch by name: fastai's DatasetType. */
export const DatasetType = { Train: "train", Valid: "valid", Test: "test", Single: "single", Fix: "fix" } as const;
export type DatasetType = (typeof DatasetType)[keyof typeof DatasetType];

/** Batches of one split, epoch by epoch. */
export interface BatchLoader {
  /** Batches of an epoch. */
  readonly length: number;
  /** Pictures of a batch; the last one may hold fewer. */
  readonly batchSize: number;
  /**
   * The batches of an epoch in order, from a position on; ends by throwing the signal's reason when that is aborted.
   */
  batches(epoch: number, options?: { readonly from?: number; readonly signal?: AbortSignal }): AsyncIterable<Batch>;
}

/** What a learner trains on: loaders for both splits, and what is known of the classes (fastai's DataBunch). */
export interface DataBunch extends Pick<SegmentationDataset, "classes" | "voidIndex" | "palette"> {
  /** Height and width of every picture of a batch. */
  readonly size: readonly [height: number, width: number];
  /** Mean and standard deviation that pictures are normalised with, per channel. */
  readonly stats: ChannelStats;
  /** Training batches. */
  readonly train: BatchLoader;
  /** Validation batches. */
  readonly valid: BatchLoader;
  /** The training pictures in order, with the transforms of validation. */
  readonly fix?: BatchLoader;
  /** Pictures to test on; the masks of those that have none are zeros. */
  readonly test?: BatchLoader;
  /** The validation pictures, one a batch. */
  readonly single?: BatchLoader;
  /** The id beyond the classes that pixels without a label have in the masks; null or left out: there is none. */
  readonly ignoreIndex?: number | null;
  /** Ends the decoding threads. */
  close(): Promise<void>;
}

/** The loader of a name. Throws a ConfigError where the data have none. */
export function loaderOf(data: DataBunch, dsType: DatasetType): BatchLoader {
  const loader = data[dsType];
  if (loader !== undefined) return loader;
  throw new ConfigError(`data: there is no ${dsType} loader`, {
    ...(dsType === "test" ? { hint: "Add pictures with addTest or addTestFolder before databunch." } : {}),
  });
}
