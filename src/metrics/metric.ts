import type { ConfusionMatrix } from "./confusion-matrix.ts";

/** What a metric may know beside the counts. */
export interface MetricContext {
  /** The class that stands for "not labelled", or null if there is none. */
  readonly voidIndex: number | null;
}

/** A number for an epoch of predictions, from their pixel counts. Any object of this shape is a metric. */
export interface Metric {
  /** Column heading. */
  readonly title: string;
  /** Which way is progress; early stopping and "best weights" go by it. */
  readonly better: "higher" | "lower";
  /** NaN if no pixel counts. */
  compute(matrix: ConfusionMatrix, context: MetricContext): number;
}
