import { ConfigError } from "../util/errors.ts";
import { accCamvid, pixelAccuracy } from "./accuracy.ts";
import type { Metric } from "./metric.ts";
import { meanDice, meanIou, meanIouWithVoid } from "./overlap.ts";

/** Every metric segkit brings, by name. */
export const metrics = {
  accCamvid,
  pixelAccuracy,
  meanIou,
  meanIouWithVoid,
  meanDice,
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

/** The metric of a name known only at run time; throws a ConfigError that lists the names there are. */
export function metricNamed(name: string): Metric {
  if (Object.hasOwn(metrics, name)) return metrics[name as MetricName];
  throw new ConfigError(`metric: expected a known name, but received "${name}"`, {
    hint: `Known metrics: ${Object.keys(metrics).join(", ")}.`,
  });
}

/** A metric given by name or as an object of one's own. */
export function resolveMetric(metric: MetricName | Metric): Metric {
  return typeof metric === "string" ? metricNamed(metric) : metric;
}
