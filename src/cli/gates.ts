import { metrics } from "../metrics/index.ts";
import type { Evaluation } from "../train/callback.ts";
import { QualityError } from "../util/errors.ts";

/** The least values that `--min-acc` and `--min-miou` ask for. */
export interface Gates {
  readonly minAcc?: number | undefined;
  readonly minMiou?: number | undefined;
}

/** Throws a QualityError when a metric is below its gate. */
export function checkGates({ metrics: values }: Pick<Evaluation, "metrics">, { minAcc, minMiou }: Gates): void {
  const gates = [
    { title: metrics.accCamvid.title, least: minAcc },
    { title: metrics.meanIou.title, least: minMiou },
  ];
  for (const { title, least } of gates) {
    const value = values[title] ?? NaN;
    if (least !== undefined && !(value >= least))
      throw new QualityError(`quality gate: ${title} is ${value.toFixed(4)}, below ${least}`, {
        hint: "Train longer or on more pictures, or lower the gate.",
      });
  }
}
