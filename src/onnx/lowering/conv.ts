import type { ConvAttrs } from "../../graph/ops/conv.ts";
import type { GraphBuilder, Value } from "../builder.ts";
import { matmul } from "./matmul.ts";
import type { Lowerings } from "./lowering.ts";

type Nchw = readonly [number, number, number, number];
type Pair = readonly [number, number];

export const convLowerings: Lowerings<"Conv" | "ConvTranspose" | "ConvWeightGrad"> = {
  Conv: (b, { inputs: [, weight], values, attrs }) =>
    b.node("Conv", values, onnxAttributes(attrs, spatial(weight.shape))),

  ConvTranspose: (b, { inputs: [y, weight], values: [yv, wv], attrs }) => {
    const shape = y.shape as Nchw;
    const kernel = weight.shape as Nchw;
    const scatter = { b, y: yv!, weight: wv!, shape, kernel, attrs };
    if (isPointwise(attrs, spatial(kernel))) return pointwiseInput(scatter);
    if (prefersFlippedConv(shape, kernel, attrs)) return flippedConv(scatter);
    const { stride, padding, dilation, size } = attrs;
    const reach = [0, 1].map((i) => stride[i]! * (shape[2 + i]! - 1) + dilation[i]! * (kernel[2 + i]! - 1) + 1);
    const outputPadding = [0, 1].map((i) => size[i]! - (reach[i]! - padding[i]! - padding[2 + i]!));
    return b.node("ConvTranspose", [yv!, wv!], {
      ...onnxAttributes(attrs, spatial(kernel)),
      output_padding: outputPadding,
    });
  },

  ConvWeightGrad: (b, { inputs: [x, dy], values: [xv, dyv], attrs }) => {
    const contraction = { b, x: xv!, dy: dyv!, xShape: x.shape as Nchw, dyShape: dy.shape as Nchw, attrs };
    if (attrs.groups === 1 && isPointwise(attrs, attrs.kernel)) return pointwiseWeight(contraction);
    if (attrs.groups === 1 && prefersColumns(contraction)) return columnsMatMul(contraction);
    return shiftedMatMuls(contraction);
  },
};

function onnxAttributes({ stride, padding, dilation, groups }: ConvAttrs, kernel: Pair) {
  return { strides: stride, pads: padding, dilations: dilation, group: groups, kernel_shape: kernel };
}

const spatial = (shape: readonly number[]): Pair => [shape[2]!, shape[3]!];

/** A 1×1 convolution that reads every pixel once: a matrix product over channels. */
function isPointwise({ stride, padding, groups }: ConvAttrs, kernel: Pair): boolean {
  return groups === 1 && [...kernel, ...stride].every((n) => n === 1) && padding.every((n) => n === 0);
}

interface Scatter {
  readonly b: GraphBuilder;
  readonly y: Value;
  readonly weight: Value;
  readonly shape: Nchw;
  readonly kernel: Nchw;
  readonly attrs: ConvAttrs & { readonly size: Pair };
}

/** dx = weightᵀ · y for each picture. */
function pointwiseInput({ b, y, weight, shape: [n, k, h, w], kernel: [, c] }: Scatter): Value {
  const matrix = b.reshape(weight, [k, c]);
  const product = matmul(b, matrix, b.reshape(y, [n, k, h * w]), { transposeA: true, rankA: 2, rankB: 3 });
  return b.reshape(product, [n, c, h, w]);
}

/**
 * Large pictures with few channels run faster as a plain convolution with turned weights, small ones with many
 * channels as ConvTranspose, which needs no second copy of the weights.
 */
function prefersFlippedConv([, , h, w]: Nchw, [k, c]: Nchw, { stride, dilation, groups, padding }: ConvAttrs): boolean {
  const plain =
    groups === 1 && [...stride, ...dilation].every((n) => n === 1) && padding.every((p) => p === padding[0]);
  return plain && h * w >= 2 * Math.min(k, c);
}

/** Stride 1: dx is y convolved with the weights, their channels exchanged and their kernel turned by 180°. */
function flippedConv({ b, y, weight, shape: [, , h, w], kernel: [k, c, kh, kw], attrs }: Scatter): Value {
  const taps = kh * kw;
  const swapped = b.transpose(b.reshape(weight, [k, c, taps]), [1, 0, 2]);
  const turned = b.reshape(b.node("MatMul", [b.reshape(swapped, [c * k, taps]), reversal(b, taps)]), [c, k, kh, kw]);
  const [top, left] = [kh - 1 - attrs.padding[0], kw - 1 - attrs.padding[1]];
  const bottom = attrs.size[0] + kh - 1 - h - top;
  const right = attrs.size[1] + kw - 1 - w - left;
  return b.node("Conv", [y, turned], { kernel_shape: [kh, kw], pads: [top, left, bottom, right] });
}

/** The matrix that reverses the order of n columns. */
function reversal(b: GraphBuilder, n: number): Value {
  const data = new Float32Array(n * n);
  for (let i = 0; i < n; i++) data[i * n + n - 1 - i] = 1;
  return b.constant(data, [n, n], "float32");
}

interface Contraction {
  readonly b: GraphBuilder;
  readonly x: Value;
  readonly dy: Value;
  readonly xShape: Nchw;
  readonly dyShape: Nchw;
  readonly attrs: ConvAttrs & { readonly kernel: Pair };
}

/** dw = Σₙ dyₙ · xₙᵀ over all pixels. */
function pointwiseWeight({ b, x, dy, xShape: [n, c, h, w], dyShape: [, k] }: Contraction): Value {
  const options = { transposeB: true, rankA: 3, rankB: 3 };
  const product = matmul(b, b.reshape(dy, [n, k, h * w]), b.reshape(x, [n, c, h * w]), options);
  return b.reshape(sumOverFirst(b, product, n), [k, c, 1, 1]);
}

function sumOverFirst(b: GraphBuilder, value: Value, n: number): Value {
  return n === 1 ? value : b.node("ReduceSum", [value, b.ints([0])], { keepdims: 0 });
}

/** The part of x under each kernel tap, one value of height×width dy's for each, in row-major order of the taps. */
function shifts({ b, x, dyShape, attrs }: Contraction, axes: Pair): Value[] {
  const { kernel, stride, dilation, padding } = attrs;
  const padded = b.pad(
    x,
    [0, 1, 2, 3].map((axis) => {
      const i = axes.indexOf(axis);
      return i < 0 ? [0, 0] : [padding[i]!, padding[2 + i]!];
    }),
  );
  return Array.from({ length: kernel[0] * kernel[1] }, (_, tap) => {
    const offset = [Math.floor(tap / kernel[1]), tap % kernel[1]];
    return b.slice(
      padded,
      [0, 1].map((i) => {
        const start = offset[i]! * dilation[i]!;
        return { axis: axes[i]!, start, stop: start + stride[i]! * (dyShape[2 + i]! - 1) + 1, step: stride[i]! };
      }),
    );
  });
}

/** dw[:, :, i, j] = Σₙ dyₙ · shiftᵢⱼ(xₙ)ᵀ, for each group: no copy of x larger than x. */
function shiftedMatMuls(contraction: Contraction): Value {
  const { b, dy, xShape, dyShape, attrs } = contraction;
  const [n, c] = xShape;
  const [, k, oh, ow] = dyShape;
  const [cg, kg] = [c / attrs.groups, k / attrs.groups];
  const left = b.reshape(dy, [n, attrs.groups, kg, oh * ow]);
  const products = shifts(contraction, [2, 3]).map((shifted) => {
    const right = b.reshape(shifted, [n, attrs.groups, cg, oh * ow]);
    const product = matmul(b, left, right, { transposeB: true, rankA: 4, rankB: 4 });
    return b.reshape(sumOverFirst(b, product, n), [1, k * cg]);
  });
  const stacked = products.length === 1 ? products[0]! : b.node("Concat", products, { axis: 0 });
  return b.reshape(b.transpose(stacked, [1, 0]), [k, cg, ...attrs.kernel]);
}

/** Few pixels and many channels: one large product instead of many small ones. */
function prefersColumns({ xShape: [, c], dyShape: [, k, oh, ow] }: Contraction): boolean {
  return oh * ow <= Math.min(k, c);
}

/** dw = dy · im2col(x)ᵀ with the pixels of the whole batch in one row: needs no transposed or summed weights. */
function columnsMatMul(contraction: Contraction): Value {
  const { b, x, dy, xShape, dyShape, attrs } = contraction;
  const [n, c] = xShape;
  const [, k, oh, ow] = dyShape;
  const pixels = n * oh * ow;
  const byChannel = (value: Value): Value => (n === 1 ? value : b.transpose(value, [1, 0, 2, 3]));
  const columns = shifts({ ...contraction, x: byChannel(x) }, [2, 3]).map((shifted) =>
    b.reshape(shifted, [c, 1, pixels]),
  );
  const right = b.reshape(columns.length === 1 ? columns[0]! : b.node("Concat", columns, { axis: 1 }), [
    c * columns.length,
    pixels,
  ]);
  const left = b.reshape(byChannel(dy), [k, pixels]);
  return b.reshape(matmul(b, left, right, { transposeB: true, rankA: 2, rankB: 2 }), [k, c, ...attrs.kernel]);
}
