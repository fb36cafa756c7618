import { ShapeError } from "../../util/errors.ts";
import { expectDType, expectRank } from "../expect.ts";
import { defineOp } from "../op.ts";
import { showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

export const PixelShuffle = defineOp<[x: Tensor], { factor: number }>({
  type: "PixelShuffle",
  infer: ([x], { factor }) => {
    expectDType("PixelShuffle", "float32", x);
    expectRank("PixelShuffle", x, 4, "NCHW");
    const [n, c, h, w] = x.shape as [number, number, number, number];
    if (c % (factor * factor) !== 0)
      throw new ShapeError(
        `PixelShuffle: expected channels that ${factor * factor} divides, but received ${showShape(x.shape)}`,
      );
    return { shape: [n, c / (factor * factor), h * factor, w * factor], dtype: x.dtype };
  },
  grad: (dy, { attrs: { factor } }) => [pixelUnshuffle(dy, factor)],
});

export const PixelUnshuffle = defineOp<[x: Tensor], { factor: number }>({
  type: "PixelUnshuffle",
  infer: ([x], { factor }) => {
    expectDType("PixelUnshuffle", "float32", x);
    expectRank("PixelUnshuffle", x, 4, "NCHW");
    const [n, c, h, w] = x.shape as [number, number, number, number];
    if (h % factor !== 0 || w % factor !== 0)
      throw new ShapeError(
        `PixelUnshuffle: expected a height and width that ${factor} divides, but received ${showShape(x.shape)}`,
      );
    return { shape: [n, c * factor * factor, h / factor, w / factor], dtype: x.dtype };
  },
  grad: (dy, { attrs: { factor } }) => [pixelShuffle(dy, factor)],
});

/**
 * [N, C·r², H, W] → [N, C, H·r, W·r] with out[c, r·y+i, r·x+j] = in[r²·c + r·i + j, y, x] (Shi et al. 2016, as in
 * PyTorch). Throws a ShapeError unless r² divides the channels.
 * @example const y = pixelShuffle(x, 2); // [N, 4·C, H, W] → [N, C, 2·H, 2·W]
 */
export const pixelShuffle = (x: Tensor, factor: number): Tensor => PixelShuffle([x], { factor });
/**
 * The inverse of pixelShuffle: [N, C, H·r, W·r] → [N, C·r², H, W]. Throws a ShapeError unless r divides height and
 * width.
 * @example const y = pixelUnshuffle(x, 2); // [N, C, 2·H, 2·W] → [N, 4·C, H, W]
 */
export const pixelUnshuffle = (x: Tensor, factor: number): Tensor => PixelUnshuffle([x], { factor });
