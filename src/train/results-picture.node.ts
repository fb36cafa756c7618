import type { SegmentationDataset } from "../data/dataset.ts";
import { decodeImage, decodeMask } from "../data/decode.node.ts";
import { writeGrid } from "../data/grid.node.ts";
import { resultRow } from "../data/overlay.ts";
import type { Learner } from "./learner.ts";
import { everyColour } from "./show-pictures.ts";

/** Writes a few validation pictures, spread over the set, each beside its true and its predicted mask and its mistakes, as one PNG. */
export async function writeResultsPicture(
  file: string,
  learner: Learner,
  { valid, classes, palette, voidIndex, masks, convertMode = "RGB" }: SegmentationDataset,
  count = 4,
): Promise<void> {
  const shown = Math.min(count, valid.length);
  const rows = [];
  const colours = everyColour(palette);
  const unknown = (id: number): boolean => id === voidIndex || id >= classes.length;
  for (let i = 0; i < shown; i++) {
    const item = valid[Math.floor(((i + 0.5) * valid.length) / shown)]!;
    const [image, truth] = [await decodeImage(item.image, { convertMode }), await decodeMask(item.mask, { masks })];
    rows.push(resultRow(image, truth, await learner.predict(image), colours, unknown));
  }
  await writeGrid(file, rows, {
    captions: ["picture", "truth", "prediction", "mistakes"],
    legend: { classes, palette },
  });
}
