import type { RgbImage, Size } from "../../data/image.ts";
import { type Pixels, planResize, resizeImageInto } from "../../data/resample.ts";
import { channelScale } from "../../data/transforms/normalize.ts";
import type { ShapedValues } from "../../runtime/open-file.ts";
import { ShapeError } from "../../util/errors.ts";
import type { ModelSpec } from "../model-spec.ts";

/** Pixels as canvas, sharp and `decodeImage` give them: 8-bit red, green, blue, and alpha or not, interleaved. */
export interface PixelPicture extends Size {
  /** 3 or 4 · height · width numbers 0–255; alpha is left out. */
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** A picture without alpha. Throws a ShapeError for another number of values. */
export function rgbOf({ data, height, width }: PixelPicture): RgbImage {
  const [pixels, { length, buffer, byteOffset }] = [height * width, data];
  if (length === 3 * pixels) return { data: new Uint8Array(buffer, byteOffset, length), height, width };
  if (length !== 4 * pixels)
    throw new ShapeError(
      `predict: expected ${3 * pixels} or ${4 * pixels} values for a picture of ${height}×${width}, but received ${length}`,
    );
  const rgb = new Uint8Array(3 * pixels);
  for (let i = 0; i < pixels; i++) for (let c = 0; c < 3; c++) rgb[3 * i + c] = data[4 * i + c]!;
  return { data: rgb, height, width };
}

/** A picture mirrored, left and right exchanged. */
export function mirrored({ data, height, width }: RgbImage): RgbImage {
  const flipped = new Uint8Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) flipped[3 * (y * width + x) + c] = data[3 * (y * width + width - 1 - x) + c]!;
  return { data: flipped, height, width };
}

/** Pictures, each brought to `size`, as a model's input: normalised, or as uint8 pixels. */
export function inputOf(pictures: readonly Pixels[], size: Size, { input, stats }: ModelSpec): ShapedValues {
  const planes = 3 * size.height * size.width;
  const raw = input.dtype === "uint8";
  const values = new Float32Array(pictures.length * planes);
  const scale = raw ? ({ scale: [1, 1, 1], shift: [0, 0, 0] } as const) : channelScale(stats, 255);
  for (const [i, picture] of pictures.entries())
    resizeImageInto(values, i * planes, picture, planResize(picture, size), scale);
  const shape = [pictures.length, 3, size.height, size.width];
  if (!raw) return { data: values, shape };
  const bytes = Uint8Array.from(values, Math.round);
  if (input.layout === "NCHW") return { data: bytes, shape };
  return { data: interleaved(bytes, planes / 3), shape: [pictures.length, size.height, size.width, 3] };
}

function interleaved(planes: Uint8Array, pixels: number): Uint8Array {
  return planes.map((_, i) => {
    const [picture, at, c] = [Math.floor(i / 3 / pixels), Math.floor(i / 3) % pixels, i % 3];
    return planes[(3 * picture + c) * pixels + at]!;
  });
}
