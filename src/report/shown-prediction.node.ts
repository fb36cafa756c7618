import sharp from "sharp";
import type { IdMask, RgbImage, Size } from "../data/image.ts";
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
  const size = shownSize(image, widest);
  const [shownTruth, shownPrediction] = [truth, prediction].map((mask) => resized(mask, size)) as [IdMask, IdMask];
  return {
    ...size,
    picture: await pictureUrl(image, size),
    truth: dataUrl("png", encodeMaskPng(shownTruth, palette)),
    prediction: dataUrl("png", encodeMaskPng(shownPrediction, palette)),
    mistakes: dataUrl("png", await mistakesPng(shownTruth, shownPrediction, unknown)),
  };
}

/** A labelled picture as it is shown: picture and mask, of one size, as data URLs. */
export interface ShownPair extends Size {
  readonly picture: string;
  readonly mask: string;
}

/** A picture and its mask as data URLs, no wider than `width`. */
export async function drawPair(image: RgbImage, mask: IdMask, palette: Palette, width: number): Promise<ShownPair> {
  const size = shownSize(image, width);
  const png = encodeMaskPng(resized(mask, size), palette);
  return { ...size, picture: await pictureUrl(image, size), mask: dataUrl("png", png) };
}

function shownSize({ height, width }: Size, most: number): Size {
  const scale = Math.min(most / width, 1);
  return { height: Math.max(Math.round(height * scale), 1), width: Math.max(Math.round(width * scale), 1) };
}

async function pictureUrl({ data, width, height }: RgbImage, size: Size): Promise<string> {
  const jpeg = sharp(data, { raw: { width, height, channels: 3 } }).resize({ ...size, fit: "fill" });
  return dataUrl("jpeg", await jpeg.jpeg({ quality: 82 }).toBuffer());
}

/** The mask at another size, each pixel that of the nearest. */
function resized(mask: IdMask, { height, width }: Size): IdMask {
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
