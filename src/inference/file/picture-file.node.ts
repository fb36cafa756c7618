import { tmpdir } from "node:os";
import { PixelRows, type PixelRowsFile } from "../../data/pixel-rows.node.ts";
import type { PictureSource } from "./windows.ts";

/** A picture on the disk as a source of rows. */
export interface PictureFile extends PictureSource {
  /** Gives the disk its space back. */
  close(): Promise<void>;
}

/**
 * A picture file of any size as a source of rows, for `predictRows`. It is decoded once, from top to bottom, onto the disk,
 * where it takes 3 bytes a pixel until it is closed; in memory are only the rows that are asked for.
 * @param folder where it is decoded to; default the system's folder for temporary files, which on some systems is memory.
 * @throws what `decodeImage` throws but for the size, ResourceError where the disk is full.
 * @example
 * const plan = await openPictureRows("plan.tif");
 * for await (const rows of predictor.predictRows(plan)) console.log(rows.top);
 * await plan.close();
 */
export async function openPictureRows(file: string, folder: string = tmpdir()): Promise<PictureFile> {
  const pixels = await PixelRows.ofPicture(file, folder);
  return { ...sourceFrom(pixels.file), close: () => pixels.close() };
}

/** A picture that is on the disk already, as a source of rows. */
export function sourceFrom(file: PixelRowsFile): PictureSource {
  const pixels = new PixelRows(file);
  const { height, width } = file;
  return { height, width, rows: async (top, count) => ({ data: await pixels.read(top, count), height: count, width }) };
}
