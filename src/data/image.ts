import { DataError, OversizeError } from "../util/errors.ts";

/** Rows and columns of a picture, in pixels. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

/** A picture: 8-bit sRGB, interleaved (height × width × 3), rows from the top. */
export interface RgbImage extends Size {
  /** Red, green and blue of each pixel, 0–255, 3 · height · width of them. */
  readonly data: Uint8Array;
}

/** A mask: one class id per pixel (height × width), rows from the top. */
export interface IdMask extends Size {
  /** Class ids, height · width of them. */
  readonly data: Uint8Array;
}

/** No picture larger than this is decoded: 100 megapixels, 300 MB as RGB. */
export const maxPixels = 100_000_000;

/**
 * As many zeros as a mask has pixels, of a size that a file states.
 * @param where what error messages begin with.
 * @throws DataError for a size that is none, OversizeError for more than 100 megapixels.
 */
export function blankMask(where: string, { height, width }: Size): Uint8Array<ArrayBuffer> {
  if (![height, width].every((side) => Number.isSafeInteger(side) && side >= 0))
    throw new DataError(`${where}: expected a height and a width in pixels, but received ${height}×${width}`);
  if (height * width > maxPixels)
    throw new OversizeError(`${where}: a mask of ${height}×${width} is over the limit of 100 megapixels`);
  return new Uint8Array(height * width);
}

/** `360×480`: height first, as everywhere in segkit. */
export function sizeText(size: Size): string {
  return `${size.height}×${size.width}`;
}

/** Whether two pictures have the same number of rows and columns. */
export function sameSize(a: Size, b: Size): boolean {
  return a.height === b.height && a.width === b.width;
}

/** Extensions of the pictures that are read as images. */
export const imageExtensions = [".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".gif"] as const;

/** Whether a file name ends like a picture's, in any case. */
export function hasImageExtension(file: string): boolean {
  return imageExtensions.some((extension) => file.toLowerCase().endsWith(extension));
}

/** A file name without a picture's extension; any other extension stays. */
export function withoutImageExtension(file: string): string {
  return hasImageExtension(file) ? file.slice(0, file.lastIndexOf(".")) : file;
}
