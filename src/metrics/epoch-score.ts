import type { TensorData } from "../graph/dtype.ts";
import type { Tensor } from "../graph/tensor.ts";
import { ConfusionMatrix } from "./confusion-matrix.ts";
import type { EpochContext, LogitsMetric, MaskBatch, Metric } from "./metric.ts";

/** What a program computed beside the predictions, by output name. */
type Outputs = Readonly<Record<string, TensorData>>;

interface Running {
  add(batch: MaskBatch, outputs: Outputs): void;
  value(): number;
}

const sumsName = (title: string): string => `sums:${title}`;

/** The outputs that a validation program has for the metrics' sake, from logits [N, C, H, W] and ids int32 [N, H, W]. */
export function metricOutputs(
  metrics: readonly Metric[],
  logits: Tensor,
  target: Tensor,
  context: EpochContext,
): Record<string, Tensor> {
  const needy = metrics.filter((metric): metric is LogitsMetric => "sums" in metric);
  return Object.fromEntries(needy.map((metric) => [sumsName(metric.title), metric.sums(logits, target, context)]));
}

/** The confusion matrix and the metrics of an epoch, batch by batch. */
export class EpochScore {
  /** Pixels whose truth is one of the classes, by true and predicted class. */
  readonly confusion: ConfusionMatrix;
  readonly #metrics: readonly (readonly [title: string, running: Running])[];

  constructor(metrics: readonly Metric[], context: EpochContext) {
    this.confusion = new ConfusionMatrix(context.classes, { ignoreIndex: "outside" });
    this.#metrics = metrics.map((metric) => [metric.title, running(metric, this.confusion, context)]);
  }

  /** Takes in a batch; `outputs` holds what `metricOutputs` asked for. Throws as `ConfusionMatrix.add`. */
  add(batch: MaskBatch, outputs: Outputs = {}): void {
    this.confusion.add(batch.predictions, batch.truth);
    for (const [, metric] of this.#metrics) metric.add(batch, outputs);
  }

  /** The metrics by their titles. */
  values(): Record<string, number> {
    return Object.fromEntries(this.#metrics.map(([title, metric]) => [title, metric.value()]));
  }
}

function running(metric: Metric, confusion: ConfusionMatrix, context: EpochContext): Running {
  if ("accumulate" in metric) return metric.accumulate(context);
  if ("sums" in metric) return addingUp(metric);
  return { add: () => {}, value: () => metric.compute(confusion, context) };
}

function addingUp(metric: LogitsMetric): Running {
  let totals = new Float64Array();
  const add = (_: MaskBatch, outputs: Outputs): void => {
    const sums = outputs[sumsName(metric.title)] as Float32Array;
    totals = Float64Array.from(sums, (sum, i) => (totals[i] ?? 0) + sum);
  };
  return { add, value: () => metric.fromSums(totals) };
}
