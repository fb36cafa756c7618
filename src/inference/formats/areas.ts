import { csvLine } from "../../data/csv.ts";
import type { PredictionFormat } from "./format.ts";

/** A table with a row for every picture and class: pixels, and their share of the picture. */
export const areas: PredictionFormat = {
  title: "a table of the pixels of every class, CSV",
  suffix: "_areas.csv",
  encode({ picture, mask: { data }, classes }) {
    const pixels = classes.map(() => 0);
    for (const id of data) pixels[id]!++;
    return classes
      .map((name, id) => csvLine([picture, id, name, pixels[id]!, Number((pixels[id]! / data.length).toFixed(6))]))
      .join("");
  },
  document: {
    file: "areas.csv",
    async *chunks(parts) {
      yield csvLine(["picture", "class", "name", "pixels", "share"]);
      yield* parts();
    },
  },
};
