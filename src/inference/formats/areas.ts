import { csvLine } from "../../data/csv.ts";
import type { ClassNames, PredictionFormat } from "./format.ts";

/** A table with a row for every picture and class: pixels, and their share of the picture. */
export const areas: PredictionFormat = {
  title: "a table of the pixels of every class, CSV",
  suffix: "_areas.csv",
  encode: ({ picture, mask: { data }, classes }) => rowsOf(picture, classes, counted(classes, data)),
  async *encodeStrips({ picture, classes, strips }) {
    let pixels: readonly number[] = counted(classes, new Uint8Array());
    for await (const { mask } of strips()) pixels = counted(classes, mask.data, pixels);
    yield rowsOf(picture, classes, pixels);
  },
  document: {
    file: "areas.csv",
    async *chunks(parts) {
      yield csvLine(["picture", "class", "name", "pixels", "share"]);
      yield* parts();
    },
  },
};

/** The pixels of every class, with those counted before. */
function counted(classes: ClassNames["classes"], ids: Uint8Array, before: readonly number[] = []): number[] {
  const pixels = classes.map((_, id) => before[id] ?? 0);
  for (let i = 0; i < ids.length; i++) pixels[ids[i]!]!++;
  return pixels;
}

function rowsOf(picture: string, classes: ClassNames["classes"], pixels: readonly number[]): string {
  const all = pixels.reduce((sum, n) => sum + n, 0);
  return classes
    .map((name, id) => csvLine([picture, id, name, pixels[id]!, Number((pixels[id]! / all).toFixed(6))]))
    .join("");
}
