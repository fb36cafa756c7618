import { pictureGrid, type PictureGridOptions } from "../plots/picture-grid.ts";
import { writePlot } from "../plots/write-plot.node.ts";
import type { RgbImage } from "./image.ts";

export type GridOptions = PictureGridOptions;

/**
 * Writes rows of pictures as one contact sheet with captions and a legend, .png or .svg.
 * @param rows pictures; each cell has the size of the largest.
 * @throws ShapeError for no pictures, ConfigError for another extension, ResourceError if the file cannot be written.
 */
export async function writeGrid(
  file: string,
  rows: readonly (readonly RgbImage[])[],
  options: GridOptions = {},
): Promise<void> {
  await writePlot(file, pictureGrid(rows, options));
}
