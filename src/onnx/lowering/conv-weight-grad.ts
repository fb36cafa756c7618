import type { ConvWeightGrad } from "../../graph/ops/conv.ts";
import type { GraphBuilder, Value } from "../builder.ts";
import { type CallOf, isPointwise, type Nchw, spatial, type Strategy } from "./conv-geometry.ts";
import type { Formulas } from "./formulas.ts";
import { matmul } from "./matmul.ts";
import { fitsTiles, suitsTiles, winogradWeight } from "./winograd.ts";

type Contraction = CallOf<typeof ConvWeightGrad>;

/** The ways to the gradient of a convolution by its weight. */
export const weightStrategies = {
  pointwise: { eligible: ({ attrs }) => isPointwise(attrs, attrs.kernel), lower: pointwiseWeight },
  winograd: {
    eligible: ({ attrs }, target) => target.scan && fitsTiles(attrs, attrs.kernel),
    lower: winograd,
  },
  depthwise: { eligible: isDepthwise, lower: depthwiseConv },
  columns: { eligible: ({ attrs }) => attrs.groups === 1, lower: columnsProduct },
  correlation: { eligible: ({ attrs }, target) => attrs.groups === 1 && target.convolution3d, lower: correlation },
  shifted: { eligible: () => true, lower: shiftedMatMuls },
} satisfies Record<string, Strategy<typeof ConvWeightGrad>>;

/** Pixels of a batch up to which copying the columns costs less than bringing the weights into their order afterwards. */
const fewPixels = 64;

/** A filter for each channel is one convolution, but where few whole rows are shifted. */
function rule({ inputs: [x, dy], attrs }: Contraction, takes: (name: keyof typeof weightStrategies) => boolean) {
  if (takes("pointwise")) return "pointwise";
  const [n, k, oh, ow] = dy.shape as Nchw;
  if (takes("winograd") && suitsTiles(x.shape as Nchw, k)) return "winograd";
  if (takes("columns") && n * oh * ow <= Math.min(fewPixels, k)) return "columns";
  if (takes("correlation")) return "correlation";
  const { kernel, stride } = attrs;
  const fewShifts = kernel[0] * kernel[1] <= 9 && stride[0] * stride[1] === 1;
  return takes("depthwise") && !(fewShifts && oh * ow > 512) ? "depthwise" : "shifted";
}

export const weightFormulas: Formulas<typeof ConvWeightGrad, keyof typeof weightStrategies> = {
  ...{ type: "ConvWeightGrad", strategies: weightStrategies, rule },
};

function winograd(b: GraphBuilder, { inputs: [x, dy], values: [xv, dyv] }: Contraction): Value {
  const [n, c, height, width] = x.shape as Nchw;
  return winogradWeight(b, { x: xv!, dy: dyv!, grid: [n, height, width], channels: [dy.shape[1]!, c] });
}

/** dw = Σₙ dyₙ · xₙᵀ over all pixels. */
function pointwiseWeight(b: GraphBuilder, { inputs: [x, dy], values: [xv, dyv] }: Contraction): Value {
  const [n, c, h, w] = x.shape as Nchw;
  const k = dy.shape[1]!;
  const options = { transposeB: true, rankA: 3, rankB: 3 };
  const product = matmul(b, b.reshape(dyv!, [n, k, h * w]), b.reshape(xv!, [n, c, h * w]), options);
  return sumOverFirst(b, product, [n, k, c, 1, 1]);
}

/** The sum of a value of this shape over its first axis. The shape comes first: a result that is a view is copied. */
function sumOverFirst(b: GraphBuilder, value: Value, shape: readonly [n: number, ...rest: number[]]): Value {
  const [n, ...rest] = shape;
  return n === 1
    ? b.reshape(value, rest)
    : b.node("ReduceSum", [b.reshape(value, shape), b.ints([0])], { keepdims: 0 });
}

/**
 * dw = dy · columnsᵀ over all pixels of the batch, where a column holds what the taps of all channels read for one pixel.
 * The columns are as many times larger than x as there are taps.
 */
function columnsProduct(b: GraphBuilder, { inputs: [x, dy], values: [xv, dyv], attrs }: Contraction): Value {
  const [n, c, height, width] = x.shape as Nchw;
  const [, k, oh, ow] = dy.shape as Nchw;
  const { kernel, stride, dilation, padding } = attrs;
  const [top, left, bottom, right] = padding;
  const [h, w] = [top + height + bottom, left + width + right];
  const padded = b.pad(xv!, [
    [0, 0],
    [0, 0],
    [top, bottom],
    [left, right],
  ]);
  const [pixels, taps] = [oh * ow, kernel[0] * kernel[1]];
  const read = Int32Array.from({ length: pixels * taps }, (_, i) => {
    const [pixel, tap] = [Math.floor(i / taps), i % taps];
    const row = Math.floor(pixel / ow) * stride[0] + Math.floor(tap / kernel[1]) * dilation[0];
    return row * w + (pixel % ow) * stride[1] + (tap % kernel[1]) * dilation[1];
  });
  const positions = b.constant(read, [pixels, taps], "int32");
  const windows = b.node("Gather", [b.reshape(padded, [n, c, h * w]), positions], { axis: 2 });
  const columns = b.reshape(b.transpose(windows, [0, 2, 1, 3]), [n * pixels, c * taps]);
  const filters = b.transpose(b.reshape(dyv!, [n, k, pixels]), [1, 0, 2]);
  return b.reshape(b.node("MatMul", [b.reshape(filters, [k, n * pixels]), columns]), [k, c, ...kernel]);
}

/**
 * x correlated with dy, one large filter for each of dy's channels: picture and channel become the first and the last
 * axis of a 3-d convolution whose kernel is all of dy; stride and dilation exchange their places. With channels last, the
 * kernels copy whole rows of channels for a product that has all pixels of the batch to sum over.
 */
function correlation(b: GraphBuilder, call: Contraction): Value {
  const { inputs, values, attrs } = call;
  const [n, c] = inputs[0].shape as Nchw;
  const [, k, oh, ow] = inputs[1].shape as Nchw;
  const { kernel, stride, dilation, padding } = attrs;
  const { x, end } = read(b, call);
  const [, , h, w] = x.shape;
  const picture = b.reshape(b.transpose(x.value, [0, 2, 3, 1]), [1, n, h, w, c]);
  const filters = b.reshape(n === 1 ? values[1]! : b.transpose(values[1]!, [1, 0, 2, 3]), [k, n, oh, ow, 1]);
  const taps = b.node("Conv", [picture, filters], {
    strides: [...dilation, 1],
    dilations: [...stride, 1],
    pads: [padding[0], padding[1], 0, ...end, 0],
    kernel_shape: [oh, ow, 1],
  });
  return b.transpose(b.reshape(taps, [k, ...kernel, c]), [0, 3, 1, 2]);
}

/** The part of x that the windows read, and the zeros they read after it. */
function read(b: GraphBuilder, { inputs, values, attrs }: Contraction) {
  const { kernel, stride, dilation, padding } = attrs;
  const shape = inputs[0].shape as Nchw;
  const size = spatial(shape);
  const after = [0, 1].map((i) => {
    const reach = stride[i]! * (inputs[1].shape[2 + i]! - 1) + dilation[i]! * (kernel[i]! - 1) + 1;
    return reach - size[i]! - padding[i]!;
  });
  const [h, w] = size.map((length, i) => length + Math.min(after[i]!, 0)) as [number, number];
  const unread = [0, 1].flatMap((i) => (after[i]! < 0 ? [{ axis: 2 + i, start: 0, stop: i === 0 ? h : w }] : []));
  const value = unread.length === 0 ? values[0]! : b.slice(values[0]!, unread);
  return { x: { value, shape: [shape[0], shape[1], h, w] as Nchw }, end: after.map((zeros) => Math.max(zeros, 0)) };
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
    return sumOverFirst(b, product, [n, 1, k * cg]);
  });
  const stacked = products.length === 1 ? products[0]! : b.node("Concat", products, { axis: 0 });
  return b.reshape(b.transpose(stacked, [1, 0]), [k, cg, ...attrs.kernel]);
}

/** Each channel has a filter of its own. */
function isDepthwise({ inputs: [x, dy], attrs }: Contraction): boolean {
  return attrs.groups > 1 && x.shape[1] === attrs.groups && dy.shape[1] === attrs.groups;
}

/** dw of one channel is x convolved with dy, stride and dilation exchanged: all channels of all pictures side by side. */
function depthwiseConv(b: GraphBuilder, call: Contraction): Value {
  const { inputs, values, attrs } = call;
  const [n, c] = inputs[0].shape as Nchw;
  const [, , oh, ow] = inputs[1].shape as Nchw;
  const { kernel, stride, dilation, padding } = attrs;
  const { x, end } = read(b, call);
  const picture = b.reshape(x.value, [1, n * c, ...spatial(x.shape)]);
  const taps = b.node("Conv", [picture, b.reshape(values[1]!, [n * c, 1, oh, ow])], {
    strides: dilation,
    dilations: stride,
    pads: [padding[0], padding[1], ...end],
    group: n * c,
    kernel_shape: [oh, ow],
  });
  return sumOverFirst(b, taps, [n, c, 1, ...kernel]);
}
