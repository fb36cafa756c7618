import type { PoolAttrs } from "../../graph/ops/pool.ts";
import { nearestSource, type ResizeMode } from "../../graph/ops/resize.ts";
import type { GraphBuilder, Value } from "../builder.ts";
import type { Lowerings } from "./lowering.ts";

type Nchw = readonly [number, number, number, number];

export const spatialLowerings: Lowerings<
  "MaxPool" | "MaxPoolGrad" | "AveragePool" | "Resize" | "BatchNorm" | "BatchNormTrain" | "ChannelAffine"
> = {
  MaxPool: (b, { values: [x], attrs }) => b.node("MaxPool", [x!], poolAttributes(attrs)),

  MaxPoolGrad: (b, { inputs: [x, dy], values: [xv, dyv], attrs }) => {
    const call = { b, x: xv!, dy: dyv!, xShape: x.shape as Nchw, dyShape: dy.shape as Nchw, attrs };
    return b.target.poolIndices ? scatterAtIndices(call) : compareWithMaxima(call);
  },

  AveragePool: (b, { values: [x], attrs }) =>
    b.node("AveragePool", [x!], { ...poolAttributes(attrs), count_include_pad: Number(attrs.countPadding) }),

  Resize: (b, { inputs: [x], values: [xv], output, attrs: { size, mode } }) =>
    resizers[mode](b, xv!, x.shape as Nchw, size, output.shape as Nchw),

  BatchNorm: (b, { values, attrs }) => b.node("BatchNormalization", values, { epsilon: { float: attrs.epsilon } }),
  BatchNormTrain: (b, { values, attrs }) => b.node("BatchNormalization", values, { epsilon: { float: attrs.epsilon } }),

  ChannelAffine: (b, { inputs: [x], values: [xv, scale, shift] }) => {
    const c = x.shape[1]!;
    return b.node("BatchNormalization", [xv!, scale!, shift!, b.filled([c], 0), b.filled([c], 1)], {
      epsilon: { float: 0 },
    });
  },
};

function poolAttributes({ kernel, stride, padding: [ph, pw] }: PoolAttrs) {
  return { kernel_shape: kernel, strides: stride, pads: [ph, pw, ph, pw] };
}

interface PoolGradient {
  readonly b: GraphBuilder;
  readonly x: Value;
  readonly dy: Value;
  readonly xShape: Nchw;
  readonly dyShape: Nchw;
  readonly attrs: PoolAttrs;
}

/** Adds each dy at the index that the pooling reports of its maximum. */
function scatterAtIndices({ b, x, dy, xShape, dyShape, attrs }: PoolGradient): Value {
  const size = xShape.reduce((product, n) => product * n, 1);
  const count = dyShape.reduce((product, n) => product * n, 1);
  const indices = b.extraOutput(b.node("MaxPool", [x], poolAttributes(attrs)));
  const zeros = b.node("Expand", [b.float(0), b.ints([size])]);
  const operands = [zeros, b.reshape(indices, [count]), b.reshape(dy, [count])];
  return b.reshape(b.node("ScatterElements", operands, { axis: 0, reduction: "add" }), xShape);
}

/** For each place in the window: dy where it holds the first maximum, spread back by a depthwise transposed convolution. */
function compareWithMaxima({ b, x, dy, xShape, dyShape, attrs }: PoolGradient): Value {
  const { kernel, stride, padding } = attrs;
  const [, c, h, w] = xShape;
  const maxima = b.node("MaxPool", [x], poolAttributes(attrs));
  const reach = [0, 1].map((i) => stride[i]! * (dyShape[2 + i]! - 1) + kernel[i]!);
  const after = [0, 1].map((i) => Math.max(reach[i]! - xShape[2 + i]! - padding[i]!, 0));
  const padded = b.pad(
    x,
    [
      [0, 0],
      [0, 0],
      [padding[0], after[0]!],
      [padding[1], after[1]!],
    ],
    -3e38,
  );
  const one = b.float(1);
  let unclaimed: Value | undefined;
  const parts = Array.from({ length: kernel[0] * kernel[1] }, (_, tap) => {
    const offset = [Math.floor(tap / kernel[1]), tap % kernel[1]];
    const candidate = b.slice(
      padded,
      [0, 1].map((i) => ({
        axis: 2 + i,
        start: offset[i]!,
        stop: offset[i]! + stride[i]! * (dyShape[2 + i]! - 1) + 1,
        step: stride[i]!,
      })),
    );
    const equal = b.cast(b.node("Equal", [candidate, maxima]), "float32");
    const claimed: Value = unclaimed ? b.node("Mul", [equal, unclaimed]) : equal;
    unclaimed = unclaimed ? b.node("Sub", [unclaimed, claimed]) : b.node("Sub", [one, claimed]);
    const place = new Float32Array(c * kernel[0] * kernel[1]).map((__, i) =>
      Number(i % (kernel[0] * kernel[1]) === tap),
    );
    const spread = b.constant(place, [c, 1, ...kernel], "float32");
    return b.node("ConvTranspose", [b.node("Mul", [dy, claimed]), spread], { strides: stride, group: c });
  });
  const total = parts.reduce((a, part) => b.node("Add", [a, part]));
  const whole = b.pad(total, [
    [0, 0],
    [0, 0],
    [0, Math.max(padding[0] + h - reach[0]!, 0)],
    [0, Math.max(padding[1] + w - reach[1]!, 0)],
  ]);
  return b.slice(whole, [
    { axis: 2, start: padding[0], stop: padding[0] + h },
    { axis: 3, start: padding[1], stop: padding[1] + w },
  ]);
}

type Resizer = (b: GraphBuilder, x: Value, from: Nchw, size: readonly [number, number], to: Nchw) => Value;

const interpolate =
  (coordinates: string): Resizer =>
  (b, x, _from, _size, to) =>
    b.node("Resize", [x, "", "", b.ints(to)], { mode: "linear", coordinate_transformation_mode: coordinates });

const resizers: Record<ResizeMode, Resizer> = {
  // Gather, because ONNX Resize rounds its scale and can pick the neighbour.
  nearest: (b, x, [, , h, w], size) => {
    const index = (length: number, n: number): Value =>
      b.constant(
        Int32Array.from({ length: n }, (_, i) => nearestSource(i, length, n)),
        [n],
        "int32",
      );
    return b.node("Gather", [b.node("Gather", [x, index(h, size[0])], { axis: 2 }), index(w, size[1])], { axis: 3 });
  },
  bilinear: interpolate("half_pixel"),
  "bilinear-align-corners": interpolate("align_corners"),
};
