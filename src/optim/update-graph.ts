import { add, mul } from "../graph/ops/elementwise.ts";
import { concat, reshape, slice } from "../graph/ops/movement.ts";
import type { Shape } from "../graph/shape.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { ProgramGraph } from "../onnx/lower.ts";
import type { Chunk } from "./chunks.ts";
import type { GraphOptimizer } from "./graph-optimizer.ts";

/** Names of the update graph's inputs and outputs. */
export const updateNames = {
  param: (name: string): string => `param:${name}`,
  gradient: (name: string): string => `gradient:${name}`,
  /** A slot of the optimizer's state, or a number of the step, of chunk i. */
  ofChunk: (name: string, i: number): string => `${name}:${i}`,
  /** The next value of a parameter, or of a slot of a chunk. */
  next: (name: string): string => `next:${name}`,
  /** What every gradient is multiplied with. */
  factor: "factor",
  /** The weight decay of a chunk, where it goes through the gradient. */
  decay: "l2",
} as const;

/**
 * One optimizer step over chunks of parameters: parameters, gradients, a vector of state for each slot and chunk, and the
 * rule's numbers float32 [] for each chunk, to the next parameters and the next state. With `l2`, the weight decay of each
 * chunk is an input as well, and goes through the gradient.
 */
export function updateGraph(rule: GraphOptimizer, chunks: readonly Chunk[], l2: boolean): ProgramGraph {
  const { param, gradient, ofChunk, next, factor, decay } = updateNames;
  const inputs: Record<string, Tensor> = {};
  const outputs: Record<string, Tensor> = {};
  const declare = (name: string, shape: Shape = []): Tensor => (inputs[name] = input(name, shape));
  const scale = declare(factor);
  const numberNames = Object.keys(rule.numbers({ lr: 0, wd: 0, mom: 0, step: 1 }));
  for (const [i, chunk] of chunks.entries()) {
    const params = joined(chunk, (name, shape) => declare(param(name), shape));
    const scaled = mul(
      joined(chunk, (name, shape) => declare(gradient(name), shape)),
      scale,
    );
    const grads = l2 ? add(scaled, mul(params, declare(ofChunk(decay, i)))) : scaled;
    const state = Object.fromEntries(rule.slots.map((slot) => [slot, declare(ofChunk(slot, i), [chunk.length])]));
    const numbers = Object.fromEntries(numberNames.map((name) => [name, declare(ofChunk(name, i))]));
    const updated = rule.update(params, grads, state, numbers);
    for (const [slot, tensor] of Object.entries(updated.state)) outputs[next(ofChunk(slot, i))] = tensor;
    for (const [name, tensor] of taken(chunk, updated.params)) outputs[next(name)] = tensor;
  }
  return { inputs, outputs };
}

/** The parts of a chunk as one vector. */
function joined({ parts }: Chunk, part: (name: string, shape: Shape) => Tensor): Tensor {
  const vectors = parts.map(({ name, shape, start, stop }) => reshape(part(name, shape), [stop - start]));
  return concat(vectors, 0);
}

/** The parts of a chunk out of its vector, by name. */
function taken({ parts }: Chunk, vector: Tensor): [name: string, Tensor][] {
  return parts.map(({ name, shape, start, stop }) => {
    const own = parts.length === 1 ? vector : slice(vector, 0, start, stop);
    return [name, reshape(own, shape)];
  });
}
