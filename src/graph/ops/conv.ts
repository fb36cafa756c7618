import { ShapeError } from "../../util/errors.ts";
import { expectDType, expectRank } from "../expect.ts";
import { defineOp, type Gradients } from "../op.ts";
import { showShape, windowOutput } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { sum } from "./reduce.ts";

/** A size for height and width, or one for both. */
export type Size2d = number | readonly [height: number, width: number];

export const pair = (size: Size2d): readonly [number, number] => (typeof size === "number" ? [size, size] : size);

/** A convolution's geometry. */
export interface ConvAttrs {
  readonly stride: readonly [number, number];
  /** Zeros added before and after the height and the width. */
  readonly padding: readonly [top: number, left: number, bottom: number, right: number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
}

/** Geometry of a convolution; one number stands for height and width. */
export interface ConvOptions {
  /** Distance of neighbouring windows in pixels; default 1. */
  readonly stride?: Size2d;
  /** Zeros added on each side; default 0. */
  readonly padding?: Size2d;
  /** Distance of neighbouring kernel elements in pixels; default 1. */
  readonly dilation?: Size2d;
  /** Groups of channels that are convolved apart; default 1. */
  readonly groups?: number;
}

/** Geometry of a convolution whose padding may follow from its sizes. */
export interface PaddedConvOptions extends Omit<ConvOptions, "padding"> {
  /** Zeros added on each side, or "same" for outputs of ⌈size / stride⌉; default 0. */
  readonly padding?: Size2d | "same";
}

/*
 * Conv(x, w), ConvTranspose(y, w) and ConvWeightGrad(x, y) are the three ways to contract two of {x, y, w} that a
 * convolution links; each is bilinear, and the gradient of one is made of the other two.
 */

export const Conv = defineOp<[x: Tensor, weight: Tensor, bias: Tensor | null], ConvAttrs>({
  type: "Conv",
  infer: ([x, weight, bias], attrs) => {
    expectDType("Conv", "float32", x, weight, ...(bias ? [bias] : []));
    expectRank("Conv", x, 4, "NCHW");
    expectRank("Conv", weight, 4, "out, in / groups, height, width");
    const [n, c, h, w] = x.shape as Nchw;
    const [k, cg, kh, kw] = weight.shape as Nchw;
    expectGroups("Conv", attrs, [c, x], [k, weight]);
    if (c !== cg * attrs.groups)
      throw new ShapeError(
        `Conv: expected ${cg * attrs.groups} input channels (weight ${showShape(weight.shape)}, groups ${attrs.groups}), but received ${showShape(x.shape)}`,
      );
    if (bias && (bias.rank !== 1 || bias.shape[0] !== k))
      throw new ShapeError(
        `Conv: expected a bias of [${k}] for weight ${showShape(weight.shape)}, but received ${showShape(bias.shape)}`,
      );
    const [oh, ow] = convOutput([h, w], [kh, kw], attrs);
    if (oh < 1 || ow < 1)
      throw new ShapeError(
        `Conv: expected an input of at least the kernel's reach ${reach(kh, attrs.dilation[0])}×${reach(kw, attrs.dilation[1])} (padding ${attrs.padding.join(", ")}), but received ${showShape(x.shape)}`,
      );
    return { shape: [n, k, oh, ow], dtype: "float32" };
  },
  grad: (dy, { inputs: [x, weight, bias], attrs }) => [
    ConvTranspose([dy, weight], { ...attrs, size: spatial(x) }),
    ConvWeightGrad([x, dy], { ...attrs, kernel: spatial(weight) }),
    bias && sum(dy, [0, 2, 3]),
  ],
});

/** Spreads y back to the convolution's input, of height and width `size`: Σ over windows of y · weight. */
export const ConvTranspose = defineOp<[y: Tensor, weight: Tensor], ConvAttrs & { size: readonly [number, number] }>({
  type: "ConvTranspose",
  infer: ([y, weight], attrs) => {
    expectDType("ConvTranspose", "float32", y, weight);
    expectRank("ConvTranspose", y, 4, "NCHW");
    expectRank("ConvTranspose", weight, 4, "in, out / groups, height, width");
    const [n, k, h, w] = y.shape as Nchw;
    const [k2, cg, kh, kw] = weight.shape as Nchw;
    expectGroups("ConvTranspose", attrs, [k, y], [k2, weight]);
    if (k !== k2)
      throw new ShapeError(
        `ConvTranspose: expected ${k2} input channels (weight ${showShape(weight.shape)}), but received ${showShape(y.shape)}`,
      );
    const [oh, ow] = convOutput(attrs.size, [kh, kw], attrs);
    if (oh !== h || ow !== w)
      throw new ShapeError(
        `ConvTranspose: expected ${oh}×${ow} inputs for outputs of ${attrs.size.join("×")}, but received ${showShape(y.shape)}`,
      );
    return { shape: [n, cg * attrs.groups, ...attrs.size], dtype: "float32" };
  },
  grad: (dx, { inputs: [y, weight], attrs }): Gradients<[Tensor, Tensor]> => {
    const { size: _, ...geometry } = attrs;
    return [Conv([dx, weight, null], geometry), ConvWeightGrad([dx, y], { ...geometry, kernel: spatial(weight) })];
  },
});

/** The gradient of a convolution by its weight, of height and width `kernel`: correlates the input x with dy. */
export const ConvWeightGrad = defineOp<[x: Tensor, dy: Tensor], ConvAttrs & { kernel: readonly [number, number] }>({
  type: "ConvWeightGrad",
  infer: ([x, dy], attrs) => {
    expectDType("ConvWeightGrad", "float32", x, dy);
    expectRank("ConvWeightGrad", x, 4, "NCHW");
    expectRank("ConvWeightGrad", dy, 4, "NCHW");
    const [n, c, h, w] = x.shape as Nchw;
    const [n2, k, oh, ow] = dy.shape as Nchw;
    expectGroups("ConvWeightGrad", attrs, [c, x], [k, dy]);
    const expected = convOutput([h, w], attrs.kernel, attrs);
    if (n !== n2 || oh !== expected[0] || ow !== expected[1])
      throw new ShapeError(
        `ConvWeightGrad: expected dy of [${n}, …, ${expected.join(", ")}] for ${showShape(x.shape)}, but received ${showShape(dy.shape)}`,
      );
    return { shape: [k, c / attrs.groups, ...attrs.kernel], dtype: "float32" };
  },
  grad: (dw, { inputs: [x, dy], attrs }): Gradients<[Tensor, Tensor]> => {
    const { kernel: _, ...geometry } = attrs;
    return [ConvTranspose([dy, dw], { ...geometry, size: spatial(x) }), Conv([x, dw, null], geometry)];
  },
});

type Nchw = readonly [number, number, number, number];

const spatial = (x: Tensor): readonly [number, number] => [x.shape[2]!, x.shape[3]!];

/** Elements from the first to the last that a kernel of `size` taps touches. */
const reach = (size: number, dilation: number): number => dilation * (size - 1) + 1;

type Channels = readonly [count: number, of: Tensor];

function expectGroups(where: string, { groups }: ConvAttrs, [a, x]: Channels, [b, y]: Channels): void {
  if (a % groups !== 0 || b % groups !== 0)
    throw new ShapeError(
      `${where}: expected channels that ${groups} groups divide, but received ${showShape(x.shape)} and ${showShape(y.shape)}`,
    );
}

function convOutput(
  size: readonly [number, number],
  kernel: readonly [number, number],
  attrs: ConvAttrs,
): [number, number] {
  const { stride, dilation, padding } = attrs;
  return [
    windowOutput(size[0], kernel[0], stride[0], dilation[0], padding[0] + padding[2]),
    windowOutput(size[1], kernel[1], stride[1], dilation[1], padding[1] + padding[3]),
  ];
}

function geometry({ stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions): ConvAttrs {
  const [ph, pw] = pair(padding);
  return { stride: pair(stride), padding: [ph, pw, ph, pw], dilation: pair(dilation), groups };
}

/**
 * Zeros that make a convolution's output ⌈size / stride⌉ (TensorFlow's "SAME"): half of them on each side, an odd one
 * at the end.
 */
function samePadding(x: Tensor, weight: Tensor, { stride, dilation }: ConvAttrs): ConvAttrs["padding"] {
  const [top, bottom] = split(0);
  const [left, right] = split(1);
  return [top, left, bottom, right];

  function split(i: 0 | 1): [before: number, after: number] {
    const length = x.shape[2 + i]!;
    const covered = (Math.ceil(length / stride[i]) - 1) * stride[i] + reach(weight.shape[2 + i]!, dilation[i]);
    const all = Math.max(covered - length, 0);
    return [Math.floor(all / 2), Math.ceil(all / 2)];
  }
}

/**
 * 2-d convolution (cross-correlation, as in PyTorch): x [N, C, H, W], weight [K, C/groups, kh, kw], bias [K]. Padding
 * "same" is TensorFlow's: outputs of ⌈size / stride⌉, an odd zero at the bottom and the right. Throws a ShapeError for
 * operands that do not fit.
 * @example const y = conv2d(x, w, bias, { stride: 2, padding: 1 }); // 3×3: [N, C, H, W] → [N, K, ⌈H/2⌉, ⌈W/2⌉]
 */
export function conv2d(x: Tensor, weight: Tensor, bias: Tensor | null = null, options: PaddedConvOptions = {}): Tensor {
  const { padding = 0, ...rest } = options;
  if (padding !== "same") return Conv([x, weight, bias], geometry({ ...rest, padding }));
  expectRank("Conv", x, 4, "NCHW");
  expectRank("Conv", weight, 4, "out, in / groups, height, width");
  const attrs = geometry(rest);
  return Conv([x, weight, bias], { ...attrs, padding: samePadding(x, weight, attrs) });
}

/**
 * Transposed 2-d convolution: x [N, K, h, w], weight [K, C/groups, kh, kw] → [N, C, H, W] with H = (h − 1)·stride −
 * 2·padding + dilation·(kh − 1) + 1 + outputPadding. Throws a ShapeError for operands that do not fit.
 * @example const y = convTranspose2d(x, w, { stride: 2 }); // 2×2: [N, K, h, w] → [N, C, 2h, 2w]
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  options: ConvOptions & { readonly outputPadding?: Size2d } = {},
): Tensor {
  expectRank("ConvTranspose", x, 4, "NCHW");
  expectRank("ConvTranspose", weight, 4, "in, out / groups, height, width");
  const attrs = geometry(options);
  const extra = pair(options.outputPadding ?? 0);
  const length = (i: 0 | 1): number =>
    (x.shape[2 + i]! - 1) * attrs.stride[i] -
    attrs.padding[i] -
    attrs.padding[i === 0 ? 2 : 3] +
    attrs.dilation[i] * (weight.shape[2 + i]! - 1) +
    1 +
    extra[i];
  return ConvTranspose([x, weight], { ...attrs, size: [length(0), length(1)] });
}
