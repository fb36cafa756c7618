import { ConfigError } from "../util/errors.ts";
import { render } from "./render.ts";
import { drawn, type Point } from "./series.ts";
import { type PlotOptions, themes } from "./theme.ts";

/** One number of several runs, over their epochs. */
export interface RunsPanel {
  readonly title: string;
  readonly runs: readonly { readonly name: string; readonly points: readonly Point[] }[];
}

/**
 * The same numbers of several runs over their epochs, a panel for each number and a line for each run, as SVG.
 * @throws ConfigError when there is no number to draw.
 * @example
 * const first = { name: "first", points: [{ x: 0, y: 0.3 }, { x: 1, y: 0.5 }] };
 * const svg = await runsPlot([{ title: "mean_iou", runs: [first] }]);
 */
export async function runsPlot(panels: readonly RunsPanel[], { theme = "light" }: PlotOptions = {}): Promise<string> {
  const names = [...new Set(panels.flatMap(({ runs }) => runs.map(({ name }) => name)))];
  if (names.length === 0) throw new ConfigError("runsPlot: expected at least one run, but received none");
  const { series } = themes[theme];
  const color = {
    field: "run",
    type: "nominal" as const,
    title: null,
    scale: { domain: names, range: names.map((_, i) => series[i % series.length]!) },
    legend: { orient: "top" as const, symbolType: "stroke", columns: 2, labelLimit: 300 },
  };
  const concat = panels.map(({ title, runs }) => ({
    title: { text: title, fontSize: 13, offset: 8 },
    width: 300,
    height: 200,
    data: { values: runs.flatMap(({ name, points }) => drawn(points).map((point) => ({ ...point, run: name }))) },
    mark: { type: "line" as const, point: { filled: true, size: 35 } },
    encoding: {
      x: {
        field: "x",
        type: "quantitative" as const,
        title: "Epoch",
        axis: { tickMinStep: 1, format: "d" },
        scale: { nice: false, zero: false, padding: 6 },
      },
      y: { field: "y", type: "quantitative" as const, title: null, scale: { zero: false } },
      color,
    },
  }));
  return render({ concat, columns: 3, spacing: 32 }, theme);
}
