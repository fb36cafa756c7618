import type { SegmentationDataset } from "../data/dataset.ts";
import { decodeImage, decodeMask } from "../data/decode.node.ts";
import { writeGrid } from "../data/grid.node.ts";
import type { RgbImage } from "../data/image.ts";
import { resultRow } from "../data/overlay.ts";
import type { Theme } from "../plots/theme.ts";
import type { Learner } from "./learner.ts";
import { everyColour } from "./show-pictures.ts";

const mostRows = 4;

export interface ResultsPictureOptions {
  readonly theme?: Theme;
  /** Told how many pictures of how many are predicted. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Writes a few validation pictures, spread over the set, each beside its true and its predicted mask and its mistakes, as one PNG. */
export async function writeResultsPicture(
  file: string,
  learner: Learner,
  { valid, classes, palette, voidIndex, masks, convertMode = "RGB" }: SegmentationDataset,
  { theme = "light", onProgress }: ResultsPictureOptions = {},
): Promise<void> {
  const shown = Math.min(mostRows, valid.length);
  const rows: RgbImage[][] = [];
  onProgress?.(0, shown);
  const colours = everyColour(palette);
  const unknown = (id: number): boolean => id === voidIndex || id >= classes.length;
  for (let i = 0; i < shown; i++) {
    const item = valid[Math.floor(((i + 0.5) * valid.length) / shown)]!;
    const [image, truth] = [await decodeImage(item.image, { convertMode }), await decodeMask(item.mask, { masks })];
    rows.push(resultRow(image, truth, await learner.predict(image), colours, unknown));
    onProgress?.(rows.length, shown);
  }
  await writeGrid(file, rows, {
    captions: ["picture", "truth", "prediction", "mistakes"],
    legend: { classes, palette },
    theme,
  });
}
