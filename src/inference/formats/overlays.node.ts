import { encodeImagePng } from "../../data/encode.node.ts";
import type { RgbImage } from "../../data/image.ts";
import { overlay } from "../../data/overlay.ts";
import type { Prediction, PredictionFormat } from "./format.ts";

const overlaid = ({ image, mask, palette }: Prediction): RgbImage => overlay(image, mask, palette);

/** The picture under the colours of its mask. */
export const overlays: PredictionFormat = {
  title: "the picture under the colours of its mask, PNG",
  suffix: "_overlay.png",
  encode: (prediction) => encodeImagePng(overlaid(prediction)),
  frame: overlaid,
};
