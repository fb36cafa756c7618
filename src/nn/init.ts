import { type Shape, sizeOf } from "../graph/shape.ts";
import { ShapeError } from "../util/errors.ts";
import type { Random } from "../util/random.ts";
import type { Buffer, Parameter } from "./parameter.ts";

/** Freshly made values, row-major. */
type Values = Float32Array<ArrayBuffer>;

/**
 * Draws initial values, row-major. `initialOf` gives those of another leaf of the same model, for values that follow
 * from them.
 */
export type Init = (shape: Shape, random: Random, initialOf: (leaf: Parameter | Buffer) => Values) => Values;

/**
 * Every element `value`.
 * @example const conv = new Conv2d(3, 8, { kernel: 3, biasInit: constantInit(0.1) });
 */
export const constantInit =
  (value: number): Init =>
  (shape) =>
    new Float32Array(sizeOf(shape)).fill(value);

/**
 * Every element 0.
 * @example const conv = new Conv2d(3, 8, { kernel: 3, biasInit: zeros });
 */
export const zeros: Init = constantInit(0);
/**
 * Every element 1.
 * @example const scale = new Parameter([8], "norm", ones);
 */
export const ones: Init = constantInit(1);

/**
 * Standard normal.
 * @example const conv = new Conv2d(3, 8, { kernel: 3, init: normal });
 */
export const normal: Init = scaledNormal(() => 1);

/**
 * Normal with variance 2 / fan (He et al. 2015), for a convolution weight [out, in, …] before a ReLU: `fan_in` keeps
 * the variance of activations, `fan_out` that of gradients.
 * @example const conv = new Conv2d(3, 8, { kernel: 3, init: kaimingNormal("fan_out") });
 */
export function kaimingNormal(fan: "fan_in" | "fan_out"): Init {
  return scaledNormal((shape) => Math.sqrt(2 / (fan === "fan_in" ? fanIn(shape) : fanOut(shape))));
}

/**
 * Uniform in ±1/√fan, PyTorch's default for convolution weights and, with the weight's fan-in, their biases.
 * @example const conv = new Conv2d(3, 8, { kernel: 3, init: uniformFanIn() });
 */
export function uniformFanIn(fan?: number): Init {
  return (shape, random) => {
    const bound = 1 / Math.sqrt(fan ?? fanIn(shape));
    return new Float32Array(sizeOf(shape)).map(() => random.between(-bound, bound));
  };
}

/**
 * Initialisation for the convolution before a pixel shuffle (Aitken et al. 2017): `init` draws one filter for each
 * group of factor² outputs, so that at first the pair repeats each pixel factor × factor times. Throws a ShapeError
 * when drawing, unless factor² divides the output channels.
 * @example const conv = new Conv2d(64, 128, { kernel: 1, init: icnr(kaimingNormal("fan_in"), 2) });
 */
export function icnr(init: Init, factor: number): Init {
  return (shape, random, initialOf) => {
    const [out, ...rest] = shape as readonly [number, ...number[]];
    const copies = factor * factor;
    if (out % copies !== 0)
      throw new ShapeError(`icnr: expected output channels that ${copies} divides, but received ${out}`);
    const filters = init([out / copies, ...rest], random, initialOf);
    const size = sizeOf(rest);
    const result = new Float32Array(out * size);
    for (let k = 0; k < out; k++) {
      const from = Math.floor(k / copies) * size;
      result.set(filters.subarray(from, from + size), k * size);
    }
    return result;
  };
}

function scaledNormal(deviation: (shape: Shape) => number): Init {
  return (shape, random) => {
    const scale = deviation(shape);
    const values = new Float32Array(sizeOf(shape));
    for (let i = 0; i < values.length; i++) values[i] = scale * random.normal();
    return values;
  };
}

/** Inputs that one output sums, for a weight [out, in, …]. */
export function fanIn(shape: Shape): number {
  return sizeOf(shape.slice(1));
}

function fanOut(shape: Shape): number {
  return shape[0]! * sizeOf(shape.slice(2));
}
