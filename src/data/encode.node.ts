import path from "node:path";
import sharp from "sharp";
import { makeFolders, writeWhole } from "../util/files.node.ts";
import type { IdMask, RgbImage } from "./image.ts";
import { encodeMaskPng } from "./mask-png.ts";
import { overlay, requireColours } from "./overlay.ts";
import type { Palette } from "./palette.ts";

/**
 * Writes a mask as an indexed PNG: pixel values are the class ids, the palette only shows them in colour.
 * @throws ShapeError for an id without a colour, ResourceError if the file cannot be written.
 * @example await writeMask("mask.png", mask, paletteFor(data.classes));
 */
export async function writeMask(file: string, mask: IdMask, palette: Palette): Promise<void> {
  requireColours(mask, palette, "writeMask");
  await writeBytes(file, encodeMaskPng(mask, palette));
}

/**
 * Writes an image with the colours of its mask over it, as PNG.
 * @param alpha how strong the colours are, 0–1.
 * @throws ShapeError for different sizes or an id without a colour, ResourceError if the file cannot be written.
 * @example await writeOverlay("overlay.png", image, mask, data.palette, 0.5);
 */
export async function writeOverlay(
  file: string,
  image: RgbImage,
  mask: IdMask,
  palette: Palette,
  alpha = 0.5,
): Promise<void> {
  await writeImage(file, overlay(image, mask, palette, alpha));
}

/**
 * Writes an image as PNG, 8-bit RGB. Throws a ResourceError if the file cannot be written.
 * @example await writeImage("picture.png", image);
 */
export async function writeImage(file: string, image: RgbImage): Promise<void> {
  await writeBytes(file, await encodeImagePng(image));
}

/** An image as PNG, 8-bit RGB, compressed in a thread of its own. */
export async function encodeImagePng({ data, height, width }: RgbImage): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Writes a file whole or not at all, with the folders it is in. Throws a ResourceError if it cannot be written. */
export async function writeBytes(file: string, bytes: Uint8Array): Promise<void> {
  // Of a folder that cannot be made, writing says why.
  await makeFolders(path.resolve(path.dirname(file))).catch(() => {});
  await writeWhole(file, [bytes], { sync: false });
}
