import { ShapeError } from "../util/errors.ts";
import { classAxis, type PlotColour, swatches } from "./class-axis.ts";
import { render } from "./render.ts";
import { type PlotOptions, themes } from "./theme.ts";

/** A class with its score in [0, 1], or null where it has none. */
export interface ClassScore {
  readonly name: string;
  readonly score: number | null;
  /** Shown beside the name. */
  readonly colour?: PlotColour;
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
  const x = {
    field: "score",
    type: "quantitative",
    title,
    scale: { domain: [0, 1] },
    axis: { format: ".1f", tickCount: 6 },
  } as const;
  return render(
    {
      title: `${title} by class`,
      width: 420,
      height: { step: 22 },
      data: { values },
      encoding: { y: { field: "i", type: "ordinal", title: null, axis: classAxis(sorted) } },
      layer: [
        ...swatches(sorted, theme),
        {
          mark: { type: "bar", color: themes[theme].series[0], height: { band: 0.72 }, cornerRadiusEnd: 2 },
          encoding: { x },
        },
        { mark: { type: "text", align: "left", dx: 5 }, encoding: { x, text: { field: "label" } } },
      ],
    },
    theme,
  );
}
