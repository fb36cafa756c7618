import { encodeCocoRle } from "../../data/coco-rle.ts";
import { cocoDocument, cocoPart } from "./coco.ts";
import type { PredictionFormat } from "./format.ts";

/** COCO's annotation file with run-length encodings, as pycocotools reads and writes them. */
export const rle: PredictionFormat = {
  title: "COCO annotations with run-length encodings",
  suffix: "_rle.json",
  encode(prediction) {
    const encoded = encodeCocoRle(prediction.mask);
    return cocoPart(prediction, (id) => encoded.get(id));
  },
  document: { file: "coco_rle.json", chunks: cocoDocument },
};
