import type { Tensor } from "../graph/tensor.ts";
import type { ConfusionMatrix } from "./confusion-matrix.ts";

/** What a metric may know beside the counts. */
export interface MetricContext {
  /** The class that stands for "not labelled", or null if there is none. */
  readonly voidIndex: number | null;
}

/** What a metric may know before the first batch. */
export interface EpochContext extends MetricContext {
  /** How many classes there are. */
  readonly classes: number;
}

interface Described {
  /** Column heading. */
  readonly title: string;
  /** Which way is progress; early stopping and "best weights" go by it. */
  readonly better: "higher" | "lower";
}

/** A number for an epoch of predictions from their pixel counts. */
export interface ConfusionMetric extends Described {
  /** NaN if no pixel counts. */
  compute(matrix: ConfusionMatrix, context: MetricContext): number;
}

/** A number for an epoch that needs to see each mask, not only counts of pixels. */
export interface MaskMetric extends Described {
  /** Begins an epoch. */
  accumulate(context: EpochContext): MaskAccumulator;
}

/** Takes in the masks of an epoch, batch by batch; how they are divided into batches makes no difference. */
export interface MaskAccumulator {
  add(batch: MaskBatch): void;
  /** The number for all masks so far; NaN if no pixel counts. */
  value(): number;
}

/** Predicted and true class ids of some pictures, each n × height × width. */
export interface MaskBatch {
  readonly predictions: Uint8Array | Int32Array;
  /** An id outside the classes stands for a pixel that does not count. */
  readonly truth: Uint8Array | Int32Array;
  readonly n: number;
  readonly height: number;
  readonly width: number;
}

/** A number for an epoch that needs the logits; what it needs of them is computed in the graph and added up. */
export interface LogitsMetric extends Described {
  /** Sums over a batch as float32 [k], from logits [N, C, H, W] and class ids int32 [N, H, W]. */
  sums(logits: Tensor, target: Tensor, context: EpochContext): Tensor;
  /** The number from the sums of all batches; NaN if no pixel counts. */
  fromSums(totals: Float64Array): number;
}

/** A number for an epoch of predictions. Any object of one of these shapes is a metric. */
export type Metric = ConfusionMetric | MaskMetric | LogitsMetric;
