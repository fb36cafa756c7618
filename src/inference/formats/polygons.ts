import { keyholed } from "../../data/keyhole.ts";
import { cocoDocument, cocoPart } from "./coco.ts";
import type { PredictionFormat } from "./format.ts";

/** COCO's annotation file with polygons along pixel edges, holes joined with their outline by slits. */
export const polygons: PredictionFormat = {
  title: "COCO annotations with polygons",
  suffix: "_polygons.json",
  encode: (prediction) =>
    cocoPart(prediction, (id) =>
      prediction
        .regions()
        .filter(({ classId }) => classId === id)
        .map(keyholed),
    ),
  document: { file: "coco_polygons.json", chunks: cocoDocument },
};
