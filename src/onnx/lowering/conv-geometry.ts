import type { ConvAttrs } from "../../graph/ops/conv.ts";
import type { GraphBuilder, Value } from "../builder.ts";
import type { LoweringTarget } from "../target.ts";
import type { Lowering } from "./lowering.ts";

export type Nchw = readonly [number, number, number, number];
export type Pair = readonly [number, number];

/** One of several ways to lower an operator: the calls for which it is right, and its nodes. */
export interface Strategy<O> {
  readonly eligible: (call: CallOf<O>, target: LoweringTarget) => boolean;
  readonly lower: Lowering<O>;
}
export type CallOf<O> = Lowering<O> extends (b: GraphBuilder, call: infer Call) => Value ? Call : never;

export function onnxAttributes({ stride, padding, dilation, groups }: ConvAttrs, kernel: Pair) {
  return { strides: stride, pads: padding, dilations: dilation, group: groups, kernel_shape: kernel };
}

export const spatial = (shape: readonly number[]): Pair => [shape[2]!, shape[3]!];

/** A 1×1 convolution that reads every pixel once: a matrix product over channels. */
export function isPointwise({ stride, padding, groups }: ConvAttrs, kernel: Pair): boolean {
  return groups === 1 && [...kernel, ...stride].every((n) => n === 1) && padding.every((n) => n === 0);
}
