import type { Call } from "../../graph/op.ts";
import { Conv, type ConvAttrs } from "../../graph/ops/conv.ts";
import { BatchNorm } from "../../graph/ops/norm.ts";
import { operandsOf } from "../../graph/order.ts";
import { floatsOf, readersOf, rewrite } from "../../graph/rewrite.ts";
import { constant, type Tensor } from "../../graph/tensor.ts";

/** A batch norm as one product and one sum for each channel. */
interface Affine {
  readonly scale: Float32Array;
  readonly shift: Float32Array;
}

/**
 * Batch norms with constant statistics become part of a convolution with constant weights: of the one before them, or
 * of one behind them that pads nothing, for the zeros of a padding are not normalised. Where another operator lies
 * between (convolution → ReLU → batch norm), or somebody else reads what lies between, a batch norm stays.
 * (Jacob et al. 2018, arXiv:1712.05877, §3.2.)
 */
export function foldBatchNorm<Outputs extends Readonly<Record<string, Tensor>>>(outputs: Outputs): Outputs {
  return foldForwards(foldBackwards(outputs));
}

/** batchNorm(conv(x)) → conv(x). */
function foldBackwards<Outputs extends Readonly<Record<string, Tensor>>>(outputs: Outputs): Outputs {
  const readers = readersOf(outputs);
  // A model that sees a picture several times has each pair of weights several times, but in memory once.
  const folded = new Map<Tensor, readonly [norm: Tensor, weight: Tensor, bias: Tensor]>();
  return rewrite(outputs, (tensor, call) => {
    const affine = affineOf(call);
    const conv = callOf(call?.inputs[0], Conv.op);
    if (!affine || !conv || readers.get(operandsOf(tensor)[0]!) !== 1) return undefined;
    const [x, weight, bias] = conv.inputs as [Tensor, Tensor, Tensor | null];
    const [w, b] = [floatsOf(weight), biasOf(bias, affine.scale.length)];
    if (!w || !b) return undefined;
    const norm = call!.inputs[1]!;
    if (folded.get(weight)?.[0] !== norm) {
      const shifted = b.map((value, k) => value * affine.scale[k]! + affine.shift[k]!);
      folded.set(weight, [norm, constant(scaledRuns(w, affine.scale), weight.shape), constant(shifted, [b.length])]);
    }
    const [, scaled, shifted] = folded.get(weight)!;
    return Conv([x, scaled, shifted], conv.attrs as ConvAttrs);
  });
}

/** conv(batchNorm(x)) → conv(x), without padding. */
function foldForwards<Outputs extends Readonly<Record<string, Tensor>>>(outputs: Outputs): Outputs {
  return rewrite(outputs, (_, call) => {
    if (call?.op !== Conv.op) return undefined;
    const [x, weight, bias] = call.inputs as [Tensor, Tensor, Tensor | null];
    const attrs = call.attrs as ConvAttrs;
    const norm = callOf(x, BatchNorm.op);
    const affine = norm && affineOf(norm);
    const k = weight.shape[0]!;
    const [w, b] = [floatsOf(weight), biasOf(bias, k)];
    if (!affine || !w || !b || attrs.groups !== 1 || attrs.padding.some((p) => p !== 0)) return undefined;
    const perChannel = (values: Float32Array): Float32Array => repeated(values, k);
    const shares = scaledRuns(w, perChannel(affine.shift));
    const shifted = b.map(
      (value, out) => value + total(shares.subarray((out * w.length) / k, ((out + 1) * w.length) / k)),
    );
    const scaled = scaledRuns(w, perChannel(affine.scale));
    return Conv([norm.inputs[0]!, constant(scaled, weight.shape), constant(shifted, [k])], attrs);
  });
}

/** `values` in as many runs as there are factors, each run times its own factor. */
function scaledRuns(values: Float32Array, factors: Float32Array): Float32Array {
  const length = values.length / factors.length;
  const scaled = new Float32Array(values.length);
  for (let run = 0, i = 0; run < factors.length; run++)
    for (const end = i + length, factor = factors[run]!; i < end; i++) scaled[i] = values[i]! * factor;
  return scaled;
}

function repeated(values: Float32Array, times: number): Float32Array {
  const all = new Float32Array(values.length * times);
  for (let i = 0; i < times; i++) all.set(values, i * values.length);
  return all;
}

function total(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function callOf(tensor: Tensor | null | undefined, op: Call["op"]): Call | null {
  return tensor?.source.kind === "call" && tensor.source.call.op === op ? tensor.source.call : null;
}

/** The affine map of a call that is a batch norm with constant parameters; null for any other. */
function affineOf(call: Call | null): Affine | null {
  if (call?.op !== BatchNorm.op) return null;
  const [weight, bias, mean, variance] = call.inputs.slice(1).map(floatsOf);
  if (!weight || !bias || !mean || !variance) return null;
  const { epsilon } = call.attrs as { epsilon: number };
  const scale = weight.map((value, c) => value / Math.sqrt(variance[c]! + epsilon));
  return { scale, shift: bias.map((value, c) => value - mean[c]! * scale[c]!) };
}

/** The values of a bias, zeros where there is none; null for one that is not constant. */
function biasOf(bias: Tensor | null, length: number): Float32Array | null {
  return bias === null ? new Float32Array(length) : floatsOf(bias);
}
