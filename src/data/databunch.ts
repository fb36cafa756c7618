import type { Batch } from "./batch.ts";
import type { SegmentationDataset } from "./dataset.ts";
import type { ChannelStats } from "./transform.ts";

/** Batches of one split, epoch by epoch. */
export interface BatchLoader {
  /** Batches of an epoch. */
  readonly length: number;
  readonly batchSize: number;
  /** The batches of an epoch in order, from a position on; ends by throwing the signal's reason when that is aborted. */
  batches(epoch: number, options?: { readonly from?: number; readonly signal?: AbortSignal }): AsyncIterable<Batch>;
}

/** What a learner trains on: loaders for both splits, and what is known of the classes (fastai's DataBunch). */
export interface DataBunch extends Pick<SegmentationDataset, "classes" | "voidIndex" | "palette"> {
  /** Height and width of every picture of a batch. */
  readonly size: readonly [height: number, width: number];
  readonly stats: ChannelStats;
  readonly train: BatchLoader;
  readonly valid: BatchLoader;
  /** Ends the decoding threads. */
  close(): Promise<void>;
}
