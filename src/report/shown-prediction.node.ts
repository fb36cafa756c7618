import sharp from "sharp";
import type { IdMask, RgbImage } from "../data/image.ts";
import { encodeMaskPng } from "../data/mask-png.ts";
import type { Palette } from "../data/palette.ts";
import type { ShownPrediction } from "./run-report.ts";

/** Wider pictures are shown smaller: a report stays a few megabytes. */
const widest = 800;

/** How a picture with its masks is drawn. */
export interface DrawOptions {
  /** A colour for every id that a mask can hold. */
  readonly palette: Palette;
  /** Whether the truth of a pixel does not count. */
  readonly unknown: (id: number) => boolean;
}

/** A picture with its masks, all of its size, as data URLs: the picture as JPEG, the masks as PNG. */
export async function drawPrediction(
  image: RgbImage,
  truth: IdMask,
  prediction: IdMask,
  { palette, unknown }: DrawOptions,
): Promise<Pick<ShownPrediction, "height" | "width" | "picture" | "truth" | "prediction" | "mistakes">> {
  const scale = Math.min(widest / image.width, 1);
  const size = { height: Math.round(image.height * scale), width: Math.round(image.width * scale) };
  const [shownTruth, shownPrediction] = [truth, prediction].map((mask) => resized(mask, size)) as [IdMask, IdMask];
  const jpeg = await sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } })
    .resize({ ...size, fit: "fill" })
    .jpeg({ quality: 82 })
    .toBuffer();
  return {
    ...size,
    picture: dataUrl("jpeg", jpeg),
    truth: dataUrl("png", encodeMaskPng(shownTruth, palette)),
    prediction: dataUrl("png", encodeMaskPng(shownPrediction, palette)),
    mistakes: dataUrl("png", await mistakesPng(shownTruth, shownPrediction, unknown)),
  };
}

/** The mask at another size, each pixel that of the nearest. */
function resized(mask: IdMask, { height, width }: { height: number; width: number }): IdMask {
  if (mask.height === height && mask.width === width) return mask;
  const from = (at: number, to: number, length: number): number => Math.floor(((at + 0.5) * length) / to);
  const data = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    const row = from(y, height, mask.height) * mask.width;
    for (let x = 0; x < width; x++) data[y * width + x] = mask.data[row + from(x, width, mask.width)]!;
  }
  return { height, width, data };
}

/** Red where a pixel that counts is predicted wrong, transparent elsewhere. */
async function mistakesPng(truth: IdMask, prediction: IdMask, unknown: (id: number) => boolean): Promise<Uint8Array> {
  const { height, width } = truth;
  const data = new Uint8Array(4 * height * width);
  for (const [i, id] of truth.data.entries())
    if (id !== prediction.data[i] && !unknown(id)) data.set([214, 30, 30, 255], 4 * i);
  return sharp(data, { raw: { width, height, channels: 4 } })
    .png({ palette: true, colours: 2, dither: 0, compressionLevel: 9 })
    .toBuffer();
}

function dataUrl(type: "jpeg" | "png", bytes: Uint8Array): string {
  return `data:image/${type};base64,${Buffer.from(bytes).toString("base64")}`;
}
