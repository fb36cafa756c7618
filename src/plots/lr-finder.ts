import { ConfigError } from "../util/errors.ts";
import { render } from "./render.ts";
import { drawn, type Point } from "./series.ts";
import { type PlotOptions, themes } from "./theme.ts";

/** What a search for a learning rate measured. */
export interface LrSearch {
  readonly lrs: readonly number[];
  /** Smoothed loss of every batch. */
  readonly losses: readonly number[];
  /** Rates worth trying, by what they are called. */
  readonly suggestions: Readonly<Record<string, number>>;
}

export interface LrFinderPlotOptions extends PlotOptions {
  /** Batches left out at the start; default 10, or none of a search too short for that. */
  readonly skipStart?: number;
  /** Batches left out at the end, where the loss runs away; default 5, or none of a search too short for that. */
  readonly skipEnd?: number;
}

/**
 * Smoothed loss over the learning rate on a logarithmic axis, as SVG, the suggested rates marked (fastai's
 * `recorder.plot(suggestion=True)`).
 * @throws ConfigError when fewer than two batches are left to draw.
 * @see fastai-spec §5.7
 * @example const svg = await lrFinderPlot({ lrs: found.lrs, losses: found.losses, suggestions: { steepest: 1e-3 } });
 */
export async function lrFinderPlot(search: LrSearch, options: LrFinderPlotOptions = {}): Promise<string> {
  const short = search.losses.length < 17;
  const { skipStart = short ? 0 : 10, skipEnd = short ? 0 : 5, theme = "light" } = options;
  const points = search.losses
    .map((y, i) => ({ x: search.lrs[i]!, y }))
    .slice(skipStart, Math.max(search.losses.length - skipEnd, 0));
  if (points.length < 2)
    throw new ConfigError(`plot: ${search.losses.length} batches are too few for a plot without its two ends`, {
      hint: "Search over more batches, or leave out fewer with skipStart and skipEnd.",
    });
  const { series, background } = themes[theme];
  const marks = Object.entries(search.suggestions).map(([name, lr]) => ({
    x: lr,
    y: lossAt(points, lr),
    label: `${name}: ${lr.toExponential(1)}`,
  }));
  const encoding = {
    x: {
      field: "x",
      type: "quantitative" as const,
      title: "Learning rate",
      axis: { format: ".0e", values: powersOfTen(points.map(({ x }) => x)) },
      scale: { type: "log" as const, nice: false },
    },
    y: { field: "y", type: "quantitative" as const, title: "Loss", scale: { zero: false } },
  };
  const label = { type: "text", align: "left", dx: 10, dy: -10, fontSize: 12, fontWeight: 600 } as const;
  return render(
    {
      title: "Learning rate finder",
      width: 560,
      height: 300,
      layer: [
        { data: { values: drawn(points) }, mark: { type: "line", color: series[0] }, encoding },
        {
          data: { values: marks },
          encoding,
          layer: [
            {
              mark: {
                type: "point",
                filled: true,
                color: series[1],
                size: 90,
                opacity: 1,
                stroke: background,
                strokeWidth: 1.5,
              },
            },
            {
              mark: { ...label, stroke: background, strokeWidth: 4, strokeJoin: "round" },
              encoding: { text: { field: "label" } },
            },
            { mark: { ...label, color: series[1] }, encoding: { text: { field: "label" } } },
          ],
        },
      ],
    },
    theme,
  );
}

/** The height of the curve at a learning rate, on the logarithmic axis; that of its end beyond it. */
function lossAt(points: readonly Point[], lr: number): number {
  const after = points.findIndex(({ x }) => x >= lr);
  const [b, a] = [points[after] ?? points.at(-1)!, points[after - 1]];
  if (after <= 0 || !a) return b.y;
  return a.y + ((b.y - a.y) * Math.log(lr / a.x)) / Math.log(b.x / a.x);
}

function powersOfTen(values: readonly number[]): number[] {
  const from = Math.ceil(Math.log10(Math.min(...values)));
  const to = Math.floor(Math.log10(Math.max(...values)));
  return Array.from({ length: Math.max(to - from + 1, 0) }, (_, i) => 10 ** (from + i));
}
