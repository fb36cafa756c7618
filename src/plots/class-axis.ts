import { type Theme, themes } from "./theme.ts";

/** Red, green and blue, 0–255. */
export type PlotColour = readonly [red: number, green: number, blue: number];

interface NamedClass {
  readonly name: string;
  readonly colour?: PlotColour;
}

/**
 * An axis of class names over positions 0, 1, 2 …, with room for the classes' colours where they have some. Positions
 * instead of names: two classes may be called alike.
 */
export function classAxis(classes: readonly NamedClass[]) {
  const coloured = classes.some(({ colour }) => colour !== undefined);
  return {
    labelExpr: `[${classes.map(({ name }) => JSON.stringify(name)).join(",")}][datum.value]`,
    domain: false,
    ticks: false,
    labelLimit: 180,
    labelFontSize: 12,
    labelPadding: coloured ? 22 : 5,
    labelOverlap: false,
  } as const;
}

/** A square in the colour of every class between its name and its bar; no layer where no class has one. */
export function swatches(classes: readonly NamedClass[], theme: Theme) {
  const values = classes.flatMap(({ colour }, i) => (colour ? [{ i, fill: `rgb(${colour.join(",")})` }] : []));
  if (values.length === 0) return [];
  return [
    {
      data: { values },
      mark: {
        type: "square" as const,
        size: 130,
        opacity: 1,
        stroke: themes[theme].quiet,
        strokeWidth: 0.75,
        clip: false,
      },
      encoding: {
        x: { value: -12 },
        fill: { field: "fill", type: "nominal" as const, scale: null },
      },
    },
  ];
}
