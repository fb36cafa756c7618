import type { ConvAttrs, ConvTranspose, ConvWeightGrad } from "../../graph/ops/conv.ts";
import type { GraphBuilder, Value } from "../builder.ts";
import { matmul } from "./matmul.ts";
import type { Lowering, Lowerings } from "./lowering.ts";

type Nchw = readonly [number, number, number, number];
type Pair = readonly [number, number];

/** One of several ways to lower an operator: the calls for which it is right, and its nodes. */
interface Strategy<O> {
  readonly eligible: (call: CallOf<O>) => boolean;
  readonly lower: Lowering<O>;
}
type CallOf<O> = Lowering<O> extends (b: GraphBuilder, call: infer Call) => Value ? Call : never;
type Scatter = CallOf<typeof ConvTranspose>;
type Contraction = CallOf<typeof ConvWeightGrad>;

export const convLowerings: Lowerings<"Conv" | "ConvTranspose" | "ConvWeightGrad"> = {
  Conv: (b, { inputs: [, weight], values, attrs }) =>
    b.node("Conv", values, onnxAttributes(attrs, spatial(weight.shape))),
  ConvTranspose: (b, call) => scatterStrategies[fastestScatter(call)].lower(b, call),
  ConvWeightGrad: (b, call) => weightStrategies[fastestWeight(call)].lower(b, call),
};

/** The ways to spread y back to a convolution's input. */
export const scatterStrategies = {
  pointwise: {
    eligible: ({ inputs: [, weight], attrs }) => isPointwise(attrs, spatial(weight.shape)),
    lower: pointwiseScatter,
  },
  flipped: { eligible: canFlip, lower: flippedConv },
  transposed: { eligible: () => true, lower: transposedConv },
} satisfies Record<string, Strategy<typeof ConvTranspose>>;

/** The ways to the gradient of a convolution by its weight. */
export const weightStrategies = {
  pointwise: { eligible: ({ attrs }) => isPointwise(attrs, attrs.kernel), lower: pointwiseWeight },
  depthwise: { eligible: isDepthwise, lower: depthwiseConv },
  columns: { eligible: ({ attrs }) => attrs.groups === 1, lower: columnsMatMul },
  shifted: { eligible: () => true, lower: shiftedMatMuls },
} satisfies Record<string, Strategy<typeof ConvWeightGrad>>;

/**
 * Large pictures with few channels run faster as a plain convolution with turned weights, small ones with many
 * channels as ConvTranspose, which needs no second copy of the weights.
 */
function fastestScatter(call: Scatter): keyof typeof scatterStrategies {
  if (scatterStrategies.pointwise.eligible(call)) return "pointwise";
  const [, , h, w] = call.inputs[0].shape as Nchw;
  const [k, c] = call.inputs[1].shape as Nchw;
  return canFlip(call) && h * w >= 2 * Math.min(k, c) ? "flipped" : "transposed";
}

/**
 * Few pixels and many channels: one large product instead of many small ones. A filter for each channel: one convolution,
 * but where few whole rows are shifted.
 */
function fastestWeight(call: Contraction): keyof typeof weightStrategies {
  if (weightStrategies.pointwise.eligible(call)) return "pointwise";
  const [, c] = call.inputs[0].shape as Nchw;
  const [, k, oh, ow] = call.inputs[1].shape as Nchw;
  const { kernel, stride } = call.attrs;
  if (weightStrategies.depthwise.eligible(call)) {
    const fewShifts = kernel[0] * kernel[1] <= 9 && stride[0] * stride[1] === 1;
    return fewShifts && oh * ow > 512 ? "shifted" : "depthwise";
  }
  return weightStrategies.columns.eligible(call) && oh * ow <= Math.min(k, c) ? "columns" : "shifted";
}

function onnxAttributes({ stride, padding, dilation, groups }: ConvAttrs, kernel: Pair) {
  return { strides: stride, pads: padding, dilations: dilation, group: groups, kernel_shape: kernel };
}

const spatial = (shape: readonly number[]): Pair => [shape[2]!, shape[3]!];

/** A 1×1 convolution that reads every pixel once: a matrix product over channels. */
function isPointwise({ stride, padding, groups }: ConvAttrs, kernel: Pair): boolean {
  return groups === 1 && [...kernel, ...stride].every((n) => n === 1) && padding.every((n) => n === 0);
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

function canFlip({ inputs: [, weight], attrs: { stride, dilation, groups, padding } }: Scatter): boolean {
  const kernel = spatial(weight.shape);
  const fits = padding.every((p, i) => p < kernel[i % 2]!);
  return groups === 1 && [...stride, ...dilation].every((n) => n === 1) && fits;
}

/** Stride 1: dx is y convolved with the weights, their channels exchanged and their kernel turned by 180°. */
function flippedConv(b: GraphBuilder, { inputs: [, weight], values: [yv, wv], attrs: { padding } }: Scatter): Value {
  const [k, c, kh, kw] = weight.shape as Nchw;
  const taps = kh * kw;
  const swapped = b.transpose(b.reshape(wv!, [k, c, taps]), [1, 0, 2]);
  const turned = b.reshape(b.node("MatMul", [b.reshape(swapped, [c * k, taps]), reversal(b, taps)]), [c, k, kh, kw]);
  const [top, left, bottom, right] = padding;
  const pads = [kh - 1 - top, kw - 1 - left, kh - 1 - bottom, kw - 1 - right];
  return b.node("Conv", [yv!, turned], { kernel_shape: [kh, kw], pads });
}

/** The matrix that reverses the order of n columns. */
function reversal(b: GraphBuilder, n: number): Value {
  const data = new Float32Array(n * n);
  for (let i = 0; i < n; i++) data[i * n + n - 1 - i] = 1;
  return b.constant(data, [n, n], "float32");
}

/** dw = Σₙ dyₙ · xₙᵀ over all pixels. */
function pointwiseWeight(b: GraphBuilder, { inputs: [x, dy], values: [xv, dyv] }: Contraction): Value {
  const [n, c, h, w] = x.shape as Nchw;
  const k = dy.shape[1]!;
  const options = { transposeB: true, rankA: 3, rankB: 3 };
  const product = matmul(b, b.reshape(dyv!, [n, k, h * w]), b.reshape(xv!, [n, c, h * w]), options);
  return b.reshape(sumOverFirst(b, product, n), [k, c, 1, 1]);
}

function sumOverFirst(b: GraphBuilder, value: Value, n: number): Value {
  return n === 1 ? value : b.node("ReduceSum", [value, b.ints([0])], { keepdims: 0 });
}

/** The part of x under each kernel tap, one value of height×width dy's for each, in row-major order of the taps. */
function shifts(b: GraphBuilder, x: Value, { inputs: [, dy], attrs }: Contraction): Value[] {
  const { kernel, stride, dilation, padding } = attrs;
  const padded = b.pad(x, [
    [0, 0],
    [0, 0],
    [padding[0], padding[2]],
    [padding[1], padding[3]],
  ]);
  return Array.from({ length: kernel[0] * kernel[1] }, (_, tap) => {
    const offset = [Math.floor(tap / kernel[1]), tap % kernel[1]];
    return b.slice(
      padded,
      [0, 1].map((i) => {
        const start = offset[i]! * dilation[i]!;
        return { axis: 2 + i, start, stop: start + stride[i]! * (dy.shape[2 + i]! - 1) + 1, step: stride[i]! };
      }),
    );
  });
}

/** dw[:, :, i, j] = Σₙ dyₙ · shiftᵢⱼ(xₙ)ᵀ, for each group: no copy of x larger than x. */
function shiftedMatMuls(b: GraphBuilder, call: Contraction): Value {
  const { inputs, values, attrs } = call;
  const [n, c] = inputs[0].shape as Nchw;
  const [, k, oh, ow] = inputs[1].shape as Nchw;
  const [cg, kg] = [c / attrs.groups, k / attrs.groups];
  const left = b.reshape(values[1]!, [n, attrs.groups, kg, oh * ow]);
  const products = shifts(b, values[0]!, call).map((shifted) => {
    const right = b.reshape(shifted, [n, attrs.groups, cg, oh * ow]);
    const product = matmul(b, left, right, { transposeB: true, rankA: 4, rankB: 4 });
    return b.reshape(sumOverFirst(b, product, n), [1, k * cg]);
  });
  const stacked = products.length === 1 ? products[0]! : b.node("Concat", products, { axis: 0 });
  return b.reshape(b.transpose(stacked, [1, 0]), [k, cg, ...attrs.kernel]);
}

/** dw = dy · im2col(x)ᵀ with the pixels of the whole batch in one row: needs no transposed or summed weights. */
function columnsMatMul(b: GraphBuilder, call: Contraction): Value {
  const { inputs, values, attrs } = call;
  const [n, c] = inputs[0].shape as Nchw;
  const [, k, oh, ow] = inputs[1].shape as Nchw;
  const pixels = n * oh * ow;
  const byChannel = (value: Value): Value => (n === 1 ? value : b.transpose(value, [1, 0, 2, 3]));
  const columns = shifts(b, byChannel(values[0]!), call).map((shifted) => b.reshape(shifted, [c, 1, pixels]));
  const right = b.reshape(columns.length === 1 ? columns[0]! : b.node("Concat", columns, { axis: 1 }), [
    c * columns.length,
    pixels,
  ]);
  const left = b.reshape(byChannel(values[1]!), [k, pixels]);
  return b.reshape(matmul(b, left, right, { transposeB: true, rankA: 2, rankB: 2 }), [k, c, ...attrs.kernel]);
}

/** Each channel has a filter of its own. */
function isDepthwise({ inputs: [x, dy], attrs }: Contraction): boolean {
  return attrs.groups > 1 && x.shape[1] === attrs.groups && dy.shape[1] === attrs.groups;
}

/** dw of one channel is x convolved with dy, stride and dilation exchanged: all channels of all pictures side by side. */
function depthwiseConv(b: GraphBuilder, { inputs, values: [xv, dyv], attrs }: Contraction): Value {
  const [n, c, h, w] = inputs[0].shape as Nchw;
  const [, , oh, ow] = inputs[1].shape as Nchw;
  const { kernel, stride, dilation, padding } = attrs;
  const swapped = { stride: dilation, dilation: stride, padding, groups: n * c };
  const x = b.reshape(xv!, [1, n * c, h, w]);
  const y = b.node("Conv", [x, b.reshape(dyv!, [n * c, 1, oh, ow])], onnxAttributes(swapped, [oh, ow]));
  // Rows and columns that the stride left over give taps that there are not.
  const taps = b.slice(
    y,
    [0, 1].map((i) => ({ axis: 2 + i, start: 0, stop: kernel[i]!, step: 1 })),
  );
  const sum = sumOverFirst(b, b.reshape(taps, [n, c, ...kernel]), n);
  return b.reshape(sum, [c, 1, ...kernel]);
}
