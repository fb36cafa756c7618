import { ShapeError } from "../util/errors.ts";
import { classAxis, type PlotColour, swatches } from "./class-axis.ts";
import { render } from "./render.ts";
import { type PlotOptions, themes } from "./theme.ts";

/** How much of a list of pictures is of a class. */
export interface ClassShare {
  /** Share of the pixels, in [0, 1]. */
  readonly pixels: number;
  /** Share of the pictures that have it at all, in [0, 1]. */
  readonly pictures: number;
}

/** How often a class occurs in the lists. */
export interface ClassBalance {
  readonly name: string;
  /** Shown beside the name. */
  readonly colour?: PlotColour;
  readonly train: ClassShare;
  readonly valid: ClassShare;
  /** Where there is a test list; then of every class. */
  readonly test?: ClassShare;
}

/** The lists as the legend calls them. */
const lists = { train: "training", valid: "validation", test: "test" } as const;

/**
 * How often every class occurs, by pixels and by pictures, training, validation and test lists beside each other, the most
 * frequent class above, as SVG.
 * @throws ShapeError for no classes.
 * @example
 * const [train, valid] = [{ pixels: 0.31, pictures: 1 }, { pixels: 0.28, pictures: 1 }];
 * const svg = await classBalancePlot([{ name: "Road", train, valid }]);
 */
export async function classBalancePlot(
  classes: readonly ClassBalance[],
  { theme = "light" }: PlotOptions = {},
): Promise<string> {
  if (classes.length === 0) throw new ShapeError("classBalancePlot: expected at least one class, but received none");
  const sorted = classes.toSorted((a, b) => b.train.pixels - a.train.pixels);
  const { series } = themes[theme];
  const shown = (Object.keys(lists) as (keyof typeof lists)[]).filter((list) => sorted.some((each) => each[list]));
  const domain = shown.map((list) => lists[list]);
  const panel = (of: keyof ClassShare, first: boolean) => ({
    title: { text: `Share of the ${of}`, fontSize: 12, fontWeight: 400, offset: 6 },
    width: 240,
    height: 13 * shown.length * classes.length,
    data: {
      values: sorted.flatMap((each, i) =>
        shown.map((list) => {
          const share = each[list]?.[of] ?? 0;
          return { i, list: lists[list], share, label: percent(share) };
        }),
      ),
    },
    encoding: {
      y: {
        field: "i",
        type: "ordinal" as const,
        title: null,
        scale: { type: "band" as const, paddingInner: 0.3, paddingOuter: 0.1 },
        axis: first ? classAxis(sorted) : null,
      },
    },
    layer: [
      ...(first ? swatches(sorted, theme) : []),
      {
        encoding: {
          x: {
            field: "share",
            type: "quantitative" as const,
            title: null,
            scale: { domainMin: 0 },
            axis: { format: ".0%", tickCount: 4 },
          },
          yOffset: { field: "list", type: "nominal" as const, scale: { domain } },
        },
        layer: [
          {
            mark: { type: "bar" as const, cornerRadiusEnd: 1 },
            encoding: {
              color: {
                field: "list",
                type: "nominal" as const,
                title: null,
                scale: { domain, range: series.slice(0, domain.length) },
                legend: { orient: "top" as const, symbolType: "square" },
              },
            },
          },
          {
            mark: { type: "text" as const, align: "left" as const, dx: 4, fontSize: 9 },
            encoding: { text: { field: "label" } },
          },
        ],
      },
    ],
  });
  return render(
    { title: "Class balance", spacing: 56, hconcat: [panel("pixels", true), panel("pictures", false)] },
    theme,
  );
}

/** A share in percent, small ones with two digits. */
function percent(share: number): string {
  const value = share * 100;
  if (value === 0) return "–";
  return value < 0.01 ? "< 0.01 %" : `${value.toPrecision(value < 10 ? 2 : 3)} %`;
}
