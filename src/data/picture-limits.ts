import { maxPixels, type Size, sizeText } from "./image.ts";

/** How large a picture may be: a file of a few bytes can state any size. */
export interface PictureLimits {
  /** Pixels; 100 million where left out: 300 MB as RGB. */
  readonly pixels?: number;
  /**
   * Pixels of a picture that its decoder holds whole: WebP, GIF, progressive JPEG, interlaced PNG; 40 million where left out.
   * They take up to 8 bytes a pixel, others little beside the result.
   */
  readonly heldPixels?: number;
  /** Rows and columns of a picture of more than 16 megapixels; 32,767 where left out. Decoders take memory for some rows. */
  readonly side?: number;
  /** Seconds that decoding may take; 60 where left out, 0 for any. */
  readonly seconds?: number;
}

/** For pictures that are trusted: of any size, decoded for as long as it takes. */
export const anySize: PictureLimits = { pixels: Infinity, heldPixels: Infinity, side: Infinity, seconds: 0 };

/** For pictures that are not kept in memory: of any size, unless their decoder holds them whole. */
export const largePictures: PictureLimits = { pixels: Infinity, side: Infinity, seconds: 0 };

const standard: Required<PictureLimits> = { pixels: maxPixels, heldPixels: 40_000_000, side: 2 ** 15 - 1, seconds: 60 };

/** Pixels that take little memory however they lie and are coded: up to 17 bytes each. */
const harmless = 16_000_000;

/** The limits with the standard ones where there are none, and as many pixels as none of them has to be asked about. */
export function withStandard(limits: PictureLimits): Required<PictureLimits> & { readonly unasked: number } {
  const all = { ...standard, ...limits };
  return { ...all, unasked: Math.min(harmless, all.pixels, all.heldPixels) };
}

/** What a picture's header says of its kind. */
export interface PictureKind extends Size {
  readonly format: string;
  readonly isProgressive: boolean;
}

/** Which limit a picture is over, as a clause about it; null for one that may be decoded. */
export function limitFault(
  { height, width, format, isProgressive }: PictureKind,
  limits: PictureLimits = {},
): string | null {
  const { pixels, heldPixels, side, unasked } = withStandard(limits);
  const [count, held] = [height * width, isProgressive || format === "webp" || format === "gif"];
  if (count > pixels) return `is over the limit of ${pixels / 1e6} megapixels`;
  if (held && count > heldPixels) {
    const kind = `${isProgressive ? "progressive " : ""}${format.toUpperCase()}`;
    return `is over the limit of ${heldPixels / 1e6} megapixels for a ${kind}, which is decoded whole`;
  }
  if (count > unasked && Math.max(height, width) > side)
    return `is ${sizeText({ height, width })}, over the limit of ${side} pixels a side`;
  return null;
}
