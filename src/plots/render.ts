import type { Config, TopLevelSpec } from "vega-lite";
import { textWidth } from "./text-width.ts";
import { fontFamily, type Theme, themes } from "./theme.ts";

/** A Vega-Lite specification without what every plot has in common. */
export type PlotSpec = Omit<TopLevelSpec, "$schema" | "config" | "background" | "padding"> & Record<string, unknown>;

/** The picture that a specification describes, as an SVG file's text. Nothing platform-specific is used. */
export async function render(spec: PlotSpec, theme: Theme = "light"): Promise<string> {
  // Loaded when the first plot is drawn: it takes half a second.
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  // Vega has it, but its types do not.
  measureWith((vega as unknown as { textMetrics: TextMetrics }).textMetrics);
  const colours = themes[theme];
  const full = { ...spec, background: colours.background, padding: 16, config: configOf(theme) } as TopLevelSpec;
  const view = new vega.View(vega.parse(compile(full).spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** What Vega measures text with where there is no canvas; it can be replaced. */
interface TextMetrics {
  width(item: { fontSize?: number; fontWeight?: unknown }, text: unknown): number;
}

/** Has Vega measure text by Inter's letters instead of its guess of 0.8 of the height a letter. */
function measureWith(metrics: TextMetrics): void {
  metrics.width = ({ fontSize = 11, fontWeight }, text) => textWidth(String(text), fontSize, fontWeight === 600);
}

function configOf(theme: Theme): Config {
  const { text, quiet, grid, series, heat } = themes[theme];
  return {
    font: fontFamily,
    view: { stroke: null },
    title: {
      anchor: "start",
      color: text,
      fontSize: 14,
      fontWeight: 600,
      offset: 12,
      subtitleColor: quiet,
      subtitleFontSize: 11.5,
      subtitlePadding: 5,
    },
    axis: {
      ...{ labelColor: quiet, titleColor: text, labelFontSize: 11, titleFontSize: 12, titleFontWeight: 400 },
      ...{ gridColor: grid, domainColor: grid, tickColor: grid, titlePadding: 8, labelPadding: 5 },
    },
    legend: {
      labelColor: text,
      labelFontSize: 12,
      titleColor: text,
      titleFontSize: 12,
      titleFontWeight: 400,
      symbolStrokeWidth: 2.5,
      symbolSize: 140,
    },
    header: { labelColor: text, labelFontSize: 12, titleColor: text },
    range: { category: [...series], ramp: [...heat], heatmap: [...heat] },
    line: { strokeWidth: 2, strokeJoin: "round" },
    text: { color: text, fontSize: 11 },
  };
}
