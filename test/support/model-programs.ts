import { gradients } from "../../src/graph/grad.ts";
import { input } from "../../src/graph/tensor.ts";
import { crossEntropy } from "../../src/losses/cross-entropy.ts";
import type { SegmentationModel } from "../../src/models/model.ts";
import { evaluation, namedBuffers, namedParameters, stateTensors, Training } from "../../src/nn/module.ts";
import type { StateDict } from "../../src/nn/state.ts";
import { compile } from "../../src/runtime/compile.ts";
import type { Runtime, Values } from "../../src/runtime/runtime.ts";
import type { BatchSize } from "./hash-fill.ts";

export interface Batch {
  /** [n, 3, h, w] */
  readonly x: Float32Array;
  /** [n, h, w] */
  readonly target: Int32Array;
}

export interface Pass {
  readonly logits: Float32Array;
  readonly loss: number;
}

export interface TrainingPass extends Pass {
  /** By parameter name. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
  /** The buffers after the pass, by name. */
  readonly buffers: ReadonlyMap<string, Float32Array>;
}

const loss = crossEntropy();

/** Logits and loss in evaluation. */
export async function evaluate(
  runtime: Runtime,
  model: SegmentationModel,
  state: StateDict,
  size: BatchSize,
  batch: Batch,
): Promise<Pass> {
  const { x, target } = inputs(size);
  const logits = model.forward(x, evaluation);
  const outputs = { logits, loss: loss(logits, target) };
  const results = await run(runtime, { inputs: { ...stateTensors(model), x, target }, outputs }, state, batch);
  return passOf(results);
}

/** Logits, loss, every gradient and every buffer of one forward and backward pass in training. */
export async function train(
  runtime: Runtime,
  model: SegmentationModel,
  state: StateDict,
  size: BatchSize,
  batch: Batch,
): Promise<TrainingPass> {
  const { x, target } = inputs(size);
  const context = new Training();
  const logits = model.forward(x, context);
  const cost = loss(logits, target);
  const parameters = namedParameters(model);
  const grads = gradients(
    cost,
    parameters.map(([, parameter]) => parameter.tensor),
  );
  const buffers = namedBuffers(model);
  const outputs = {
    logits,
    loss: cost,
    ...Object.fromEntries(parameters.map(([name], i) => [`gradient:${name}`, grads[i]!])),
    ...Object.fromEntries(buffers.map(([name, buffer]) => [`next:${name}`, context.updates.get(buffer)!])),
  };
  const results = await run(runtime, { inputs: { ...stateTensors(model), x, target }, outputs }, state, batch);
  return {
    ...passOf(results),
    gradients: new Map(parameters.map(([name]) => [name, results[`gradient:${name}`] as Float32Array])),
    buffers: new Map(buffers.map(([name]) => [name, results[`next:${name}`] as Float32Array])),
  };
}

function inputs([n, h, w]: BatchSize) {
  return { x: input("x", [n, 3, h, w]), target: input("target", [n, h, w], "int32") };
}

async function run(runtime: Runtime, graph: Parameters<typeof compile>[1], state: StateDict, batch: Batch) {
  const program = await compile(runtime, graph);
  try {
    return await program.run({ ...valuesOf(state), ...batch });
  } finally {
    await program.release();
  }
}

function passOf(results: Values): Pass {
  return { logits: results.logits as Float32Array, loss: Number(results.loss![0]) };
}

export function valuesOf(state: StateDict): Record<string, Float32Array> {
  return Object.fromEntries([...state].map(([name, { data }]) => [name, data]));
}
