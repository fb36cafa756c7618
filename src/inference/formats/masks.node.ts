import { encodeMaskPng } from "../../data/mask-png.ts";
import { requireColours } from "../../data/overlay.ts";
import { pngOfRows } from "../../data/png-rows.node.ts";
import type { PredictionFormat, PredictionStrips } from "./format.ts";

/** Class ids as pixel values; the palette shows them in colour. */
export const masks: PredictionFormat = {
  title: "class ids as indexed PNG",
  suffix: ".png",
  encode({ mask, palette }) {
    requireColours(mask, palette, "masks");
    return encodeMaskPng(mask, palette);
  },
  encodeStrips: ({ height, width, palette, strips }) => pngOfRows({ height, width, palette }, ids(strips(), palette)),
};

async function* ids(strips: ReturnType<PredictionStrips["strips"]>, palette: PredictionStrips["palette"]) {
  for await (const { mask } of strips) {
    requireColours(mask, palette, "masks");
    yield mask.data;
  }
}
