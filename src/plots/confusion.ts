import { ShapeError } from "../util/errors.ts";
import { render } from "./render.ts";
import { type PlotOptions, themes } from "./theme.ts";

export interface ConfusionPlotOptions extends PlotOptions {
  readonly title?: string;
  /** Whether each cell's value is written into it; default: with at most 16 classes. */
  readonly showValues?: boolean;
}

/**
 * A heat map of how classes are confused, as SVG: a row for each true class, a column for each predicted one.
 * @param shares [true][predicted], each row's shares in [0, 1]; NaN rows are of classes without pixels and stay empty.
 * @throws ShapeError when there is not one row and one column for each class.
 * @example const svg = await confusionPlot([[0.9, 0.1], [0.2, 0.8]], ["Void", "Road"]);
 */
export async function confusionPlot(
  shares: readonly (readonly number[])[],
  classes: readonly string[],
  options: ConfusionPlotOptions = {},
): Promise<string> {
  const n = classes.length;
  if (shares.length !== n || shares.some((row) => row.length !== n))
    throw new ShapeError(
      `plotConfusionMatrix: expected ${n}×${n} shares for ${n} classes, but received ${shares.length} rows`,
    );
  const { theme = "light", title = "Confusion matrix", showValues = n <= 16 } = options;
  const { heat, onHeat, text, background } = themes[theme];
  // Positions instead of names: two classes may be called alike.
  const values = shares.flatMap((row, t) =>
    row.flatMap((share, p) =>
      Number.isFinite(share)
        ? [{ t, p, share, label: shown(share), said: `${classes[t]} as ${classes[p]}: ${(share * 100).toFixed(1)} %` }]
        : [],
    ),
  );
  const side = Math.max(Math.min(46, 760 / n), 16);
  const names = `[${classes.map((name) => JSON.stringify(name)).join(",")}][datum.value]`;
  const domain = classes.map((_, i) => i);
  const axis = {
    labelExpr: names,
    domain: false,
    ticks: false,
    labelLimit: 160,
    labelOverlap: false,
    grid: false,
  } as const;
  const font = Math.min(side * 0.28, 11.5);
  const scale = { domain, padding: 0 } as const;
  return render(
    {
      title: { text: title, subtitle: "each row: how the pixels of one true class were predicted" },
      width: side * n,
      height: side * n,
      data: { values },
      encoding: {
        x: { field: "p", type: "ordinal", title: "Predicted class", scale, axis: { ...axis, labelAngle: -45 } },
        y: { field: "t", type: "ordinal", title: "True class", scale, axis },
      },
      layer: [
        {
          mark: { type: "rect", stroke: background, strokeWidth: 1 },
          encoding: {
            description: { field: "said" },
            color: {
              field: "share",
              type: "quantitative",
              title: "share",
              scale: { domain: [0, 1], range: [...heat] },
              legend: { format: ".0%", gradientLength: Math.min(side * n, 200), gradientThickness: 12 },
            },
          },
        },
        ...(showValues
          ? [
              {
                mark: { type: "text" as const, fontSize: font },
                encoding: {
                  text: { field: "label" },
                  color: {
                    condition: { test: `datum.share > ${onHeat.from}`, value: onHeat.colour },
                    value: text,
                  },
                },
              },
            ]
          : []),
      ],
    },
    theme,
  );
}

/** A share as its cell shows it: percent, nothing below half of one. */
function shown(share: number): string {
  const percent = Math.round(share * 100);
  return percent === 0 ? "" : String(percent);
}
