import { ShapeError } from "../../util/errors.ts";
import { expectDType, expectRank } from "../expect.ts";
import { defineOp } from "../op.ts";
import { sameShape, showShape, windowOutput } from "../shape.ts";
import { constant, full, type Tensor, type TensorType } from "../tensor.ts";
import { ConvTranspose, pair, type Size2d } from "./conv.ts";
import { mul } from "./elementwise.ts";
import { mean } from "./reduce.ts";

/** A pooling's geometry. */
export interface PoolAttrs {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
}

function pooled(type: string, x: Tensor, { kernel, stride, padding }: PoolAttrs): TensorType {
  expectDType(type, "float32", x);
  expectRank(type, x, 4, "NCHW");
  if (padding[0] * 2 > kernel[0] || padding[1] * 2 > kernel[1])
    throw new ShapeError(
      `${type}: expected padding of at most half the kernel ${kernel.join("×")}, but received ${padding.join("×")}`,
    );
  const size = [0, 1].map((i) => windowOutput(x.shape[2 + i]!, kernel[i]!, stride[i]!, 1, 2 * padding[i]!));
  if (size.some((n) => n < 1))
    throw new ShapeError(
      `${type}: expected an input of at least ${kernel.join("×")}, but received ${showShape(x.shape)}`,
    );
  return { shape: [x.shape[0]!, x.shape[1]!, ...size], dtype: "float32" };
}

export const MaxPool = defineOp<[x: Tensor], PoolAttrs>({
  type: "MaxPool",
  infer: ([x], attrs) => pooled("MaxPool", x, attrs),
  grad: (dy, { inputs: [x], attrs }) => [MaxPoolGrad([x, dy], attrs)],
});

/** Gives each dy to the first maximum of its window. */
export const MaxPoolGrad = defineOp<[x: Tensor, dy: Tensor], PoolAttrs>({
  type: "MaxPoolGrad",
  infer: ([x, dy], attrs) => {
    const { shape } = pooled("MaxPoolGrad", x, attrs);
    expectDType("MaxPoolGrad", "float32", dy);
    if (!sameShape(dy.shape, shape))
      throw new ShapeError(
        `MaxPoolGrad: expected dy of ${showShape(shape)} for ${showShape(x.shape)}, but received ${showShape(dy.shape)}`,
      );
    return { shape: x.shape, dtype: "float32" };
  },
});

export const AveragePool = defineOp<[x: Tensor], PoolAttrs & { countPadding: boolean }>({
  type: "AveragePool",
  infer: ([x], attrs) => pooled("AveragePool", x, attrs),
  grad: (dy, { inputs: [x], attrs }) => {
    const channels = x.shape[1]!;
    const [ph, pw] = attrs.padding;
    const spread = { stride: attrs.stride, padding: [ph, pw, ph, pw], dilation: [1, 1], groups: channels } as const;
    const ones = full([channels, 1, ...attrs.kernel], 1);
    return [
      ConvTranspose([mul(dy, reciprocalCounts(x, dy, attrs)), ones], { ...spread, size: [x.shape[2]!, x.shape[3]!] }),
    ];
  },
});

/** 1 / the number of elements each window averages, [oh, ow]. */
function reciprocalCounts(
  x: Tensor,
  dy: Tensor,
  { kernel, stride, padding, countPadding }: PoolAttrs & { countPadding: boolean },
): Tensor {
  const [oh, ow] = [dy.shape[2]!, dy.shape[3]!];
  const count = (i: 0 | 1, at: number): number => {
    if (countPadding) return kernel[i];
    const start = at * stride[i] - padding[i];
    return Math.min(start + kernel[i], x.shape[2 + i]!) - Math.max(start, 0);
  };
  const data = Float32Array.from(
    { length: oh * ow },
    (_, at) => 1 / (count(0, Math.floor(at / ow)) * count(1, at % ow)),
  );
  return constant(data, [oh, ow]);
}

/** Geometry of a pooling; one number stands for height and width. */
export interface PoolOptions {
  /** Distance of neighbouring windows in pixels; default the kernel's size. */
  readonly stride?: Size2d;
  /** Pixels added on each side, at most half the kernel; default 0. */
  readonly padding?: Size2d;
}

function poolAttrs(kernel: Size2d, { stride = kernel, padding = 0 }: PoolOptions): PoolAttrs {
  return { kernel: pair(kernel), stride: pair(stride), padding: pair(padding) };
}

/**
 * The maximum of each window of x [N, C, H, W]; windows reach into padding that never wins. Throws a ShapeError for
 * padding over half the kernel or an input below it.
 * @example const y = maxPool2d(x, 3, { stride: 2, padding: 1 }); // [N, C, H, W] → [N, C, ⌈H/2⌉, ⌈W/2⌉]
 */
export function maxPool2d(x: Tensor, kernel: Size2d, options: PoolOptions = {}): Tensor {
  return MaxPool([x], poolAttrs(kernel, options));
}

/**
 * The mean of each window of x [N, C, H, W]; `countPadding` (as in PyTorch, by default) counts padding as zeros. Errors
 * as `maxPool2d`.
 * @example const y = avgPool2d(x, 2); // [N, C, H, W] → [N, C, ⌊H/2⌋, ⌊W/2⌋]
 */
export function avgPool2d(
  x: Tensor,
  kernel: Size2d,
  options: PoolOptions & { readonly countPadding?: boolean } = {},
): Tensor {
  return AveragePool([x], { ...poolAttrs(kernel, options), countPadding: options.countPadding ?? true });
}

/**
 * The mean of each channel of x [N, C, H, W], as [N, C, 1, 1].
 * @example const y = globalAvgPool2d(x); // [N, C, H, W] → [N, C, 1, 1]
 */
export function globalAvgPool2d(x: Tensor): Tensor {
  expectRank("globalAvgPool2d", x, 4, "NCHW");
  return mean(x, [2, 3], true);
}
