import type { Ring } from "../../data/regions.ts";
import type { PredictionFormat } from "./format.ts";

/**
 * A feature for every region: a polygon along pixel edges with its holes. Positions are pixels, x to the right and y down
 * from the picture's corner, where RFC 7946 means degrees; the outline is counter-clockwise by their numbers, as it wants.
 */
export const geojson: PredictionFormat = {
  title: "regions as GeoJSON polygons with holes, in pixels",
  suffix: ".geojson",
  encode({ picture, mask: { height, width }, classes, regions }) {
    const features = regions().map(({ classId, area, rings }) => ({
      type: "Feature",
      properties: { class: classId, name: classes[classId], area },
      geometry: { type: "Polygon", coordinates: rings.map(positions) },
    }));
    return `${JSON.stringify({ type: "FeatureCollection", picture, height, width, unit: "pixel", features })}\n`;
  },
};

/** The corners of a ring, the first one again at the end. */
function positions(ring: Ring): [x: number, y: number][] {
  return Array.from({ length: ring.length / 2 + 1 }, (_, i) => {
    const at = (2 * i) % ring.length;
    return [ring[at]!, ring[at + 1]!];
  });
}
