import { bindInputs } from "../graph/rewrite.ts";
import type { Tensor } from "../graph/tensor.ts";
import { type Module, stateTensors } from "../nn/module.ts";
import type { StateDict } from "../nn/state.ts";
import type { ProgramGraph } from "../onnx/lower.ts";
import { channelsLast } from "./passes/channels-last.ts";
import { foldBatchNorm } from "./passes/fold-batch-norm.ts";

/** What is done to a graph whose weights do not change any more; each can be left out. */
export interface InferenceOptimizations {
  /** Weights are part of the program; default true. Without it there is none of the others. */
  readonly constantWeights?: boolean;
  /** Batch norms become part of the convolutions next to them (`foldBatchNorm`); default true. */
  readonly foldBatchNorm?: boolean;
  /** 3×3 convolutions by Winograd's algorithm, channels last (`channelsLast`); default true. */
  readonly channelsLast?: boolean;
  /** The runtime brings what is left into blocks of channels that suit the processor; default true. */
  readonly blockedLayout?: boolean;
}

/** Their names, as a benchmark switches them off. */
export const inferenceOptimizations = {
  ...{ constantWeights: true, foldBatchNorm: true, channelsLast: true, blockedLayout: true },
} as const satisfies Required<InferenceOptimizations>;

/** A program to predict with: inputs beside the weights, and outputs. */
export interface InferenceGraph {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/** A graph over a model's weights, ready to be lowered with these weights for good. */
export function optimized(
  { inputs, outputs }: InferenceGraph,
  model: Module,
  state: StateDict,
  chosen: InferenceOptimizations = {},
): ProgramGraph {
  const {
    constantWeights,
    foldBatchNorm: folds,
    channelsLast: last,
    blockedLayout,
  } = {
    ...inferenceOptimizations,
    ...chosen,
  };
  const weights = stateTensors(model);
  if (!constantWeights) return { inputs: { ...inputs, ...weights }, outputs };
  const values = Object.entries(weights).map(([name, tensor]) => [tensor, state.get(name)!.data] as const);
  let graph = bindInputs(outputs, new Map(values));
  if (folds) graph = foldBatchNorm(graph);
  if (last) graph = channelsLast(graph);
  return { inputs, outputs: graph, weightLayout: blockedLayout ? "blocked" : "plain" };
}
