import { ShapeError } from "../util/errors.ts";
import { sameSize, sizeText } from "./image.ts";
import type { IdMask, RgbImage } from "./image.ts";
import type { Palette } from "./palette.ts";

/**
 * An image with the colours of its mask over it.
 * @param alpha how strong the colours are: 0 leaves the image, 1 hides it.
 * @throws ShapeError for different sizes or an id without a colour.
 * @example const shown = overlay(image, mask, predictor.spec.colors, 0.5);
 */
export function overlay(image: RgbImage, mask: IdMask, palette: Palette, alpha = 0.5): RgbImage {
  if (!sameSize(image, mask)) {
    throw new ShapeError(`overlay: expected a mask of ${sizeText(image)}, but received ${sizeText(mask)}`);
  }
  requireColours(mask, palette, "overlay");
  const data = new Uint8Array(image.data.length);
  // An iterator over the pixels would take several times as long.
  for (let i = 0, at = 0; i < mask.data.length; i++) {
    const colour = palette[mask.data[i]!]!;
    for (let c = 0; c < 3; c++, at++) data[at] = Math.round((1 - alpha) * image.data[at]! + alpha * colour[c]!);
  }
  return { ...image, data };
}

/**
 * Image, truth, prediction and mistakes side by side, masks laid over the image: one row of a contact sheet.
 * @param unknown whether the truth of a pixel does not count; see `errorMap`.
 */
export function resultRow(
  image: RgbImage,
  truth: IdMask,
  prediction: IdMask,
  palette: Palette,
  unknown: (id: number) => boolean = () => false,
): RgbImage[] {
  const masks = [truth, prediction].map((mask) => overlay(image, mask, palette));
  return [image, ...masks, errorMap(image, truth, prediction, unknown)];
}

/** @throws ShapeError if a mask holds an id the palette has no colour for. */
export function requireColours(mask: IdMask, palette: Palette, where: string): void {
  const id = mask.data.find((each) => each >= palette.length);
  if (id === undefined) return;
  throw new ShapeError(`${where}: expected ids below the palette's ${palette.length} colours, but received ${id}`);
}

/**
 * A grey image with its mistakes in red: pixels predicted wrong that are labelled.
 * @param unknown whether the truth of a pixel does not count; such pixels stay grey.
 * @throws ShapeError for different sizes.
 */
export function errorMap(
  image: RgbImage,
  truth: IdMask,
  prediction: IdMask,
  unknown: (id: number) => boolean = () => false,
): RgbImage {
  for (const mask of [truth, prediction])
    if (!sameSize(image, mask))
      throw new ShapeError(`errorMap: expected masks of ${sizeText(image)}, but received ${sizeText(mask)}`);
  const data = new Uint8Array(image.data.length);
  for (const [i, id] of truth.data.entries()) {
    const [r, g, b] = [image.data[3 * i]!, image.data[3 * i + 1]!, image.data[3 * i + 2]!];
    // Brightness as the eye weighs the colours (ITU-R BT.601), and lighter, so that red stands out.
    const grey = 0.6 * (0.299 * r + 0.587 * g + 0.114 * b) + 80;
    const wrong = id !== prediction.data[i] && !unknown(id);
    for (let c = 0; c < 3; c++) data[3 * i + c] = Math.round(wrong ? 0.25 * grey + 0.75 * mistake[c]! : grey);
  }
  return { ...image, data };
}

const mistake = [214, 30, 30] as const;
