import { ShapeError } from "../util/errors.ts";
import { render } from "./render.ts";
import { type PlotOptions, themes } from "./theme.ts";

/** A class with its score in [0, 1], or null where it has none. */
export interface ClassScore {
  readonly name: string;
  readonly score: number | null;
}

/**
 * A bar for every class, the best above, as SVG; classes without a score stand last, marked "–".
 * @param title what the scores are, such as "IoU".
 * @throws ShapeError for no classes.
 * @example
 * const svg = await classBarsPlot([{ name: "Road", score: 0.93 }, { name: "Sign", score: null }], { title: "IoU" });
 */
export async function classBarsPlot(
  scores: readonly ClassScore[],
  { title, theme = "light" }: PlotOptions & { readonly title: string },
): Promise<string> {
  if (scores.length === 0) throw new ShapeError(`classBarsPlot: expected at least one class, but received none`);
  const sorted = scores.toSorted((a, b) => (b.score ?? -1) - (a.score ?? -1));
  const values = sorted.map(({ score }, i) => ({
    i,
    score: score ?? 0,
    label: score === null ? "–" : score.toFixed(3),
  }));
  const names = `[${sorted.map(({ name }) => JSON.stringify(name)).join(",")}][datum.value]`;
  return render(
    {
      title: `${title} by class`,
      width: 420,
      height: { step: 22 },
      data: { values },
      encoding: {
        y: {
          field: "i",
          type: "ordinal",
          title: null,
          axis: {
            labelExpr: names,
            domain: false,
            ticks: false,
            labelLimit: 180,
            labelFontSize: 12,
            labelOverlap: false,
          },
        },
        x: {
          field: "score",
          type: "quantitative",
          title,
          scale: { domain: [0, 1] },
          axis: { format: ".1f", tickCount: 6 },
        },
      },
      layer: [
        { mark: { type: "bar", color: themes[theme].series[0], height: { band: 0.72 }, cornerRadiusEnd: 2 } },
        { mark: { type: "text", align: "left", dx: 5 }, encoding: { text: { field: "label" } } },
      ],
    },
    theme,
  );
}
