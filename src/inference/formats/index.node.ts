import { areas } from "./areas.ts";
import type { PredictionFormat } from "./format.ts";
import { geojson } from "./geojson.ts";
import { masks } from "./masks.node.ts";
import { overlays } from "./overlays.node.ts";
import { polygons } from "./polygons.ts";
import { probabilities } from "./probabilities.ts";
import { rle } from "./rle.ts";
import { yolo } from "./yolo.ts";

/** The name of a format in `predictionFormats`. */
export type PredictionFormatName =
  | "masks"
  | "overlays"
  | "probabilities"
  | "rle"
  | "polygons"
  | "geojson"
  | "yolo"
  | "areas";

/** What predictions are written as, by name. */
export const predictionFormats: Readonly<Record<PredictionFormatName, PredictionFormat>> = {
  masks,
  overlays,
  probabilities,
  rle,
  polygons,
  geojson,
  yolo,
  areas,
};
