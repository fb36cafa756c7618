import type { Size } from "../image.ts";
import { roundHalfToEven } from "../taps.ts";

/**
 * How a picture comes to the size asked for: CROP fills it and cuts off what is over, PAD fits into it and fills up the
 * rest, SQUISH stretches, NO leaves the size as it is. (fastai 1.0 `ResizeMethod`.)
 */
export const ResizeMethod = { CROP: "crop", PAD: "pad", SQUISH: "squish", NO: "no" } as const;
export type ResizeMethod = (typeof ResizeMethod)[keyof typeof ResizeMethod];

/** A size asked for: height and width, or the side of a square. */
export type SizeLike = number | readonly [height: number, width: number];

/** What a size means where no method is given: height and width are squished to, a number is cropped to. */
export function defaultResizeMethod(size: SizeLike | null): ResizeMethod {
  return Array.isArray(size) ? "squish" : "crop";
}

/** The size asked for, each side rounded to a whole multiple of `mult` where that is given. */
export function targetSize(size: SizeLike, mult?: number): Size {
  const [height, width] = typeof size === "number" ? [size, size] : size;
  const rounded = (side: number) => (mult === undefined ? side : Math.floor(side / mult + 0.5) * mult);
  return { height: rounded(height), width: rounded(width) };
}

/** The size a picture is resized to before it is cropped or padded to `target`. */
export function resizedSize(from: Size, target: Size, method: ResizeMethod): Size {
  if (method === "no") return { height: from.height, width: from.width };
  if (method === "squish") return target;
  const choose = method === "crop" ? Math.min : Math.max;
  const ratio = choose(from.height / target.height, from.width / target.width);
  const side = (length: number) => Math.max(roundHalfToEven(length / ratio), 1);
  return { height: side(from.height), width: side(from.width) };
}
