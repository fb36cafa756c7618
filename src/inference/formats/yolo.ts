import { keyholed } from "../../data/keyhole.ts";
import type { PredictionFormat } from "./format.ts";

/** A line for every region: class id, then x and y of its corners as shares of width and height. */
export const yolo: PredictionFormat = {
  title: "regions as YOLO polygons, one text file a picture",
  suffix: ".txt",
  encode({ mask: { height, width }, regions }) {
    const share = (value: number, i: number): number => Number((value / (i % 2 === 0 ? width : height)).toFixed(6));
    return regions()
      .map((region) => `${[region.classId, ...keyholed(region).map(share)].join(" ")}\n`)
      .join("");
  },
};
