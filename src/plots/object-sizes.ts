import { ShapeError } from "../util/errors.ts";
import { classAxis, type PlotColour, swatches } from "./class-axis.ts";
import { render } from "./render.ts";
import { type PlotOptions, themes } from "./theme.ts";

/** How large the objects of a class are, as areas in pixels above 0. */
export interface ObjectAreas {
  readonly name: string;
  /** Shown beside the name. */
  readonly colour?: PlotColour;
  /** A tenth of the objects are not larger. */
  readonly small: number;
  readonly median: number;
  /** A tenth are not smaller. */
  readonly large: number;
}

/**
 * From the small to the large objects of every class, with a mark at the median, on a logarithmic axis, as SVG.
 * @throws ShapeError for no classes.
 * @example const svg = await objectSizesPlot([{ name: "Car", small: 12, median: 240, large: 6000 }]);
 */
export async function objectSizesPlot(
  classes: readonly ObjectAreas[],
  { theme = "light" }: PlotOptions = {},
): Promise<string> {
  if (classes.length === 0) throw new ShapeError("objectSizesPlot: expected at least one class, but received none");
  const sorted = classes.toSorted((a, b) => b.median - a.median);
  const { series } = themes[theme];
  const x = { type: "quantitative" as const, scale: { type: "log" as const, nice: true } };
  const axis = { format: "~s", tickCount: 5 };
  return render(
    {
      title: {
        text: "Object sizes",
        subtitle: "Areas in pixels, from the 10 % smallest to the 10 % largest; a mark at half",
      },
      width: 420,
      height: { step: 24 },
      data: { values: sorted.map(({ small, median, large }, i) => ({ i, small, median, large })) },
      encoding: { y: { field: "i", type: "ordinal", title: null, axis: classAxis(sorted) } },
      layer: [
        ...swatches(sorted, theme),
        {
          mark: { type: "rule", strokeWidth: 7, strokeCap: "round", color: series[0], opacity: 0.45 },
          encoding: { x: { ...x, field: "small", title: null, axis }, x2: { field: "large" } },
        },
        {
          mark: { type: "tick", thickness: 3, size: 15, color: series[1] },
          encoding: { x: { ...x, field: "median" } },
        },
      ],
    },
    theme,
  );
}
