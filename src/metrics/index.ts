import { ConfigError } from "../util/errors.ts";
import { nearest } from "../util/nearest.ts";
import { accCamvid, errorRate, pixelAccuracy } from "./accuracy.ts";
import { cohenKappa, matthews } from "./agreement.ts";
import { diceBinary, iouBinary } from "./binary.ts";
import { boundaryIou } from "./boundary-iou.ts";
import { perplexity, topKAccuracy } from "./logits.ts";
import type { Metric } from "./metric.ts";
import { frequencyWeightedIou, meanDice, meanIou, meanIouWithVoid } from "./overlap.ts";
import { fBeta, precision, recall } from "./precision-recall.ts";

/** Every metric segkit brings, by name; those with options in their plain form. */
export const metrics = {
  accCamvid,
  pixelAccuracy,
  errorRate,
  meanIou,
  meanIouWithVoid,
  frequencyWeightedIou,
  meanDice,
  precision: precision(),
  recall: recall(),
  fBeta: fBeta(),
  cohenKappa: cohenKappa(),
  matthews,
  boundaryIou: boundaryIou(),
  diceBinary,
  iouBinary,
  topKAccuracy: topKAccuracy(),
  perplexity,
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

/** The metric of a name known only at run time; throws a ConfigError that lists the names there are. */
export function metricNamed(name: string): Metric {
  if (Object.hasOwn(metrics, name)) return metrics[name as MetricName];
  const names = Object.keys(metrics);
  const close = nearest(name, names);
  throw new ConfigError(`metric: expected a known name, but received "${name}"`, {
    hint: `${close === undefined ? "" : `Did you mean ${close}? `}Known metrics: ${names.join(", ")}.`,
  });
}

/** A metric given by name or as an object of one's own. */
export function resolveMetric(metric: MetricName | Metric): Metric {
  return typeof metric === "string" ? metricNamed(metric) : metric;
}
