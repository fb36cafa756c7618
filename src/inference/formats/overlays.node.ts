import { encodeImagePng } from "../../data/encode.node.ts";
import type { RgbImage } from "../../data/image.ts";
import { overlay } from "../../data/overlay.ts";
import { pngOfRows } from "../../data/png-rows.node.ts";
import type { Prediction, PredictionFormat, PredictionStrips } from "./format.ts";

const overlaid = ({ image, mask, palette }: Pick<Prediction, "image" | "mask" | "palette">): RgbImage =>
  overlay(image, mask, palette);

/** The picture under the colours of its mask. */
export const overlays: PredictionFormat = {
  title: "the picture under the colours of its mask, PNG",
  suffix: "_overlay.png",
  encode: (prediction) => encodeImagePng(overlaid(prediction)),
  encodeStrips: (prediction) => pngOfRows({ height: prediction.height, width: prediction.width }, pixels(prediction)),
  frame: overlaid,
};

async function* pixels({ strips, palette }: PredictionStrips): AsyncGenerator<Uint8Array, void, void> {
  for await (const strip of strips()) yield overlaid({ ...strip, palette }).data;
}
