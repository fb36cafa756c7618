import { encodeNpy } from "../../data/npy.ts";
import { ShapeError } from "../../util/errors.ts";
import type { PredictionFormat } from "./format.ts";

/** The probability of every class at every pixel, float32 [classes, height, width]. */
export const probabilities: PredictionFormat = {
  title: "of every class, as NumPy array, float32 [classes, height, width]",
  suffix: "_probabilities.npy",
  probabilities: true,
  encode({ mask: { height, width, probabilities }, classes }) {
    if (probabilities === undefined)
      throw new ShapeError("probabilities: expected a mask predicted with probabilities, but received none");
    return encodeNpy(probabilities, [classes.length, height, width]);
  },
};
