import { ConfigError } from "../util/errors.ts";
import { render } from "./render.ts";
import { drawn, trimmed } from "./series.ts";
import { type PlotOptions, themes } from "./theme.ts";

/** The hyper-parameters of every batch of a fit. */
export interface ScheduleHistory {
  /** Learning rate of the last layer group. */
  readonly lrs: readonly number[];
  readonly moms: readonly number[];
  /** Where they are of every second or every nth batch: that n; default 1. */
  readonly every?: number;
}

export interface SchedulePlotOptions extends PlotOptions {
  /** Whether the momentum is drawn beside; default false. */
  readonly showMoms?: boolean;
}

/**
 * Learning rate, and momentum if asked for, over the batches, as SVG (fastai's `recorder.plot_lr`).
 * @throws ConfigError when no batch is recorded.
 * @see fastai-spec §5.8
 * @example const svg = await schedulePlot({ lrs: [1e-4, 1e-3, 1e-5], moms: [0.95, 0.85, 0.95] }, { showMoms: true });
 */
export async function schedulePlot(history: ScheduleHistory, options: SchedulePlotOptions = {}): Promise<string> {
  const { lrs, moms, every = 1 } = history;
  const { showMoms = false, theme = "light" } = options;
  if (lrs.length === 0)
    throw new ConfigError("plotLr: no learning rate is recorded", {
      hint: "Train first; the plot shows the last fit.",
    });
  const { series } = themes[theme];
  const panel = (values: readonly number[], title: string, color: string, format: string) => ({
    width: showMoms ? 340 : 560,
    height: showMoms ? 240 : 300,
    data: { values: drawn(trimmed(values, 0, 0)).map(({ x, y }) => ({ x: x * every, y })) },
    mark: { type: "line" as const, color },
    encoding: {
      x: { field: "x", type: "quantitative" as const, title: "Iterations", scale: { nice: false, zero: false } },
      y: {
        ...{ field: "y", type: "quantitative" as const, title, scale: { zero: false } },
        axis: { labelExpr: `datum.value === 0 ? "0" : format(datum.value, "${format}")` },
      },
    },
  });
  const lr = panel(lrs, "Learning rate", series[0], ".1e");
  if (!showMoms) return render({ title: "Learning rate", ...lr }, theme);
  const mom = panel(moms, "Momentum", series[1], ".2f");
  return render({ title: "Learning rate and momentum", spacing: 36, hconcat: [lr, mom] }, theme);
}
