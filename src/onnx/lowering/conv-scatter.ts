import type { ConvTranspose } from "../../graph/ops/conv.ts";
import type { GraphBuilder, Value } from "../builder.ts";
import { type CallOf, isPointwise, type Nchw, onnxAttributes, spatial, type Strategy } from "./conv-geometry.ts";
import type { Formulas } from "./formulas.ts";
import { matmul } from "./matmul.ts";
import { fitsTiles, suitsTiles, winogradScatter } from "./winograd.ts";

type Scatter = CallOf<typeof ConvTranspose>;

/** The ways to spread y back to a convolution's input. */
export const scatterStrategies = {
  pointwise: {
    eligible: ({ inputs: [, weight], attrs }) => isPointwise(attrs, spatial(weight.shape)),
    lower: pointwiseScatter,
  },
  winograd: {
    eligible: ({ inputs: [, weight], attrs }, target) => target.scan && fitsTiles(attrs, spatial(weight.shape)),
    lower: winograd,
  },
  flipped: { eligible: canFlip, lower: flippedConv },
  sideBySide: {
    eligible: ({ inputs: [y] }) => y.shape[0]! > 1,
    lower: sideBySideTransposed,
  },
  transposed: { eligible: () => true, lower: transposedConv },
} satisfies Record<string, Strategy<typeof ConvTranspose>>;

/**
 * Where tiles are worth it, they win. Else large pictures with few channels run faster as a plain convolution with turned weights, small ones with many
 * channels as ConvTranspose, which needs no second copy of the weights, and tiny ones side by side.
 */
function rule({ inputs: [y, weight] }: Scatter, takes: (name: keyof typeof scatterStrategies) => boolean) {
  if (takes("pointwise")) return "pointwise";
  const [, , h, w] = y.shape as Nchw;
  const [k, c] = weight.shape as Nchw;
  if (takes("winograd") && suitsTiles(y.shape as Nchw, c)) return "winograd";
  if (h * w < 32 && takes("sideBySide")) return "sideBySide";
  return h * w >= 2 * Math.min(k, c) && takes("flipped") ? "flipped" : "transposed";
}

export const scatterFormulas: Formulas<typeof ConvTranspose, keyof typeof scatterStrategies> = {
  ...{ type: "ConvTranspose", strategies: scatterStrategies, rule },
};

function winograd(b: GraphBuilder, { inputs: [y, { shape }], values: [yv, wv] }: Scatter): Value {
  const [n, , height, width] = y.shape as Nchw;
  return winogradScatter(b, { x: yv!, weight: wv!, grid: [n, height, width], channels: [shape[0]!, shape[1]!] });
}

/** dx = weightᵀ · y for each picture. */
function pointwiseScatter(b: GraphBuilder, { inputs: [y, w], values: [yv, wv] }: Scatter): Value {
  const [n, k, height, width] = y.shape as Nchw;
  const c = w.shape[1]!;
  const [matrix, pixels] = [b.reshape(wv!, [k, c]), b.reshape(yv!, [n, k, height * width])];
  const product = matmul(b, matrix, pixels, { transposeA: true, rankA: 2, rankB: 3 });
  return b.reshape(product, [n, c, height, width]);
}

function transposedConv(b: GraphBuilder, { inputs: [y, weight], values: [yv, wv], attrs }: Scatter): Value {
  const { stride, padding, dilation, size } = attrs;
  const kernel = spatial(weight.shape);
  const reach = [0, 1].map((i) => stride[i]! * (y.shape[2 + i]! - 1) + dilation[i]! * (kernel[i]! - 1) + 1);
  return b.node("ConvTranspose", [yv!, wv!], {
    ...onnxAttributes(attrs, kernel),
    output_padding: [0, 1].map((i) => size[i]! - (reach[i]! - padding[i]! - padding[2 + i]!)),
  });
}

/**
 * All pictures in one row, with zeros between them so that none reaches into its neighbour: one product over all pixels of
 * the batch where `transposed` has a small one for each picture.
 */
function sideBySideTransposed(b: GraphBuilder, { inputs: [y, weight], values: [yv, wv], attrs }: Scatter): Value {
  const { stride, padding, dilation, groups, size } = attrs;
  const [n, k, h, w] = y.shape as Nchw;
  const [kh, kw] = spatial(weight.shape);
  const c = weight.shape[1]! * groups;
  const reach = (kernel: number, i: 0 | 1): number => dilation[i] * (kernel - 1) + 1;
  const apart = Math.max(size[1] + padding[1], stride[1] * (w - 1) + reach(kw, 1) - padding[1]);
  const step = Math.ceil(apart / stride[1]);
  const row = b.transpose(
    b.pad(yv!, [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, step - w],
    ]),
    [1, 2, 0, 3],
  );
  const beyond = [
    stride[0] * (h - 1) + reach(kh, 0) - padding[0] - size[0],
    reach(kw, 1) - padding[1] - stride[1],
  ] as const;
  const spread = b.node("ConvTranspose", [b.reshape(row, [1, k, h, n * step]), wv!], {
    ...onnxAttributes(attrs, [kh, kw]),
    pads: [padding[0], padding[1], ...beyond.map((length) => Math.max(length, 0))],
    output_padding: beyond.map((length) => Math.max(-length, 0)),
  });
  const pictures = b.transpose(b.reshape(spread, [c, size[0], n, step * stride[1]]), [2, 0, 1, 3]);
  return b.slice(pictures, [{ axis: 3, start: 0, stop: size[1] }]);
}

function canFlip({ inputs: [, weight], attrs: { stride, dilation, groups, padding } }: Scatter): boolean {
  const kernel = spatial(weight.shape);
  const fits = padding.every((p, i) => p < kernel[i % 2]!);
  return groups === 1 && [...stride, ...dilation].every((n) => n === 1) && fits;
}

/** Stride 1: dx is y convolved with the weights, their channels exchanged and their kernel turned by 180°. */
function flippedConv(b: GraphBuilder, { inputs: [, weight], values: [yv, wv], attrs: { padding } }: Scatter): Value {
  const [k, c, kh, kw] = weight.shape as Nchw;
  const taps = kh * kw;
  // Two exchanges of neighbouring axes are faster than one that takes small blocks apart.
  const last = b.reshape(b.transpose(b.reshape(wv!, [k, c * taps]), [1, 0]), [c, taps, k]);
  const reversed = b.node("Gather", [last, b.ints(Array.from({ length: taps }, (_, i) => taps - 1 - i))], { axis: 1 });
  const turned = b.reshape(b.transpose(reversed, [0, 2, 1]), [c, k, kh, kw]);
  const [top, left, bottom, right] = padding;
  const pads = [kh - 1 - top, kw - 1 - left, kh - 1 - bottom, kw - 1 - right];
  return b.node("Conv", [yv!, turned], { kernel_shape: [kh, kw], pads });
}
