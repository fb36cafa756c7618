import { encodeMaskPng } from "../../data/mask-png.ts";
import { requireColours } from "../../data/overlay.ts";
import type { PredictionFormat } from "./format.ts";

/** Class ids as pixel values; the palette shows them in colour. */
export const masks: PredictionFormat = {
  title: "class ids as indexed PNG",
  suffix: ".png",
  encode({ mask, palette }) {
    requireColours(mask, palette, "masks");
    return encodeMaskPng(mask, palette);
  },
};
