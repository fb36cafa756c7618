import { ConfigError } from "../util/errors.ts";
import { render } from "./render.ts";
import { type PlotOptions, themes } from "./theme.ts";

/** One metric's value after every epoch. */
export interface MetricHistory {
  readonly title: string;
  /** NaN where no pixel counted. */
  readonly values: readonly number[];
}

/**
 * Metrics over the epochs, a panel each, as SVG (fastai's `recorder.plot_metrics`).
 * @param first the number of the first epoch.
 * @throws ConfigError when there is no metric or no epoch was finished.
 * @see fastai-spec §5.8
 * @example const svg = await metricsPlot([{ title: "mean_iou", values: [0.2, 0.4, 0.5] }]);
 */
export async function metricsPlot(
  metrics: readonly MetricHistory[],
  { theme = "light", first = 0 }: PlotOptions & { readonly first?: number } = {},
): Promise<string> {
  if (metrics.every(({ values }) => values.length === 0))
    throw new ConfigError("plotMetrics: no metric is recorded", {
      hint: metrics.length === 0 ? "Give the learner metrics." : "Train for at least one epoch with a validation set.",
    });
  const { series } = themes[theme];
  const panels = metrics.map(({ title, values }, i) => ({
    title: { text: title, fontSize: 13, offset: 8 },
    width: 280,
    height: 180,
    data: { values: values.map((y, epoch) => ({ x: first + epoch, y })).filter(({ y }) => Number.isFinite(y)) },
    mark: {
      type: "line" as const,
      color: series[i % series.length]!,
      point: { filled: true, size: 40, color: series[i % series.length]! },
    },
    encoding: {
      x: {
        field: "x",
        type: "quantitative" as const,
        title: "Epoch",
        axis: { tickMinStep: 1, format: "d" },
        scale: { nice: false, zero: false, padding: 6 },
      },
      // The same number of ticks in scale and axis: a label at the very top of every panel keeps their titles level.
      y: {
        field: "y",
        type: "quantitative" as const,
        title: null,
        axis: { tickCount: 5 },
        scale: { zero: false, nice: 5 },
      },
    },
  }));
  return render({ concat: panels, columns: Math.min(panels.length, 3), spacing: 32 }, theme);
}
