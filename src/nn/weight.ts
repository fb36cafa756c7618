import { div, maximum, mul, sqrt, square, stopGradient } from "../graph/ops/elementwise.ts";
import { matmul } from "../graph/ops/matmul.ts";
import { reshape } from "../graph/ops/movement.ts";
import { sum } from "../graph/ops/reduce.ts";
import type { Shape } from "../graph/shape.ts";
import { scalar, type Tensor } from "../graph/tensor.ts";
import { fanIn, type Init, normal } from "./init.ts";
import type { ForwardContext, Members } from "./module.ts";
import { Buffer, Parameter } from "./parameter.ts";

/** A weight as a layer uses it, and the members it is made of. */
export interface Weight {
  /** Parameters and buffers it is made of, by their state-dict names. */
  readonly members: Members;
  /** The weight itself, [out, in, …], in a pass of this kind. */
  tensor(context: ForwardContext): Tensor;
}

/** Makes the weight of a layer, of shape [out, in, …]. */
export type WeightKind = (shape: Shape, init: Init) => Weight;

/**
 * A weight that is a parameter.
 * @example const conv = new Conv2d(3, 8, { kernel: 3, weight: plainWeight });
 */
export const plainWeight: WeightKind = (shape, init) => {
  const weight = new Parameter(shape, "weight", init);
  return { members: { weight }, tensor: () => weight.tensor };
};

/**
 * Weight norm (Salimans & Kingma 2016): g · v / ‖v‖, the norm taken over each output's filter. At first ‖v‖ = g, so
 * that the weight is what `init` drew; names and shapes are those of `torch.nn.utils.weight_norm`.
 * @example const conv = new Conv2d(3, 8, { kernel: 3, weight: weightNorm });
 */
export const weightNorm: WeightKind = (shape, init) => {
  const rest = shape.map((_, i) => i).slice(1);
  const v = new Parameter(shape, "weight", init);
  const g = new Parameter([shape[0]!, ...rest.map(() => 1)], "weight", (_shape, _random, initialOf) =>
    rowNorms(initialOf(v), shape[0]!),
  );
  return {
    members: { weight_g: g, weight_v: v },
    tensor: () => mul(v.tensor, div(g.tensor, sqrt(sum(square(v.tensor), rest, true)))),
  };
};

/**
 * Spectral norm (Miyato et al. 2018): the weight divided by an estimate of its largest singular value, which one power
 * iteration per training step refines; names and shapes are those of `torch.nn.utils.spectral_norm`.
 * @example const conv = new Conv2d(3, 8, { kernel: 3, weight: spectralNorm });
 */
export const spectralNorm: WeightKind = (shape, init) => {
  const rows = shape[0]!;
  const columns = fanIn(shape);
  const original = new Parameter(shape, "weight", init);
  const left = new Buffer([rows], unitNormal);
  const right = new Buffer([columns], unitNormal);
  return {
    members: { weight_orig: original, weight_u: left, weight_v: right },
    tensor: (context) => {
      const matrix = reshape(original.tensor, [rows, columns]);
      let u = reshape(left.tensor, [rows, 1]);
      let v = reshape(right.tensor, [columns, 1]);
      if (context.training) {
        const fixed = stopGradient(matrix);
        v = unit(matmul(fixed, u, { transposeA: true }));
        u = unit(matmul(fixed, v));
        context.update(left, reshape(u, left.shape));
        context.update(right, reshape(v, right.shape));
      }
      const sigma = sum(mul(u, matmul(matrix, v)));
      return div(original.tensor, sigma);
    },
  };
};

function unit(x: Tensor): Tensor {
  return div(x, maximum(sqrt(sum(square(x))), scalar(1e-12)));
}

const unitNormal: Init = (shape, random, initialOf) => {
  const values = normal(shape, random, initialOf);
  const [length] = rowNorms(values, 1);
  return values.map((value) => value / Math.max(length!, 1e-12));
};

/** Euclidean length of each row of a matrix. */
function rowNorms(values: Float32Array, rows: number): Float32Array<ArrayBuffer> {
  const columns = values.length / rows;
  return Float32Array.from({ length: rows }, (_, row) =>
    Math.sqrt(values.subarray(row * columns, (row + 1) * columns).reduce((total, v) => total + v * v, 0)),
  );
}
