import type { TensorData } from "../../src/graph/dtype.ts";
import { gradients } from "../../src/graph/grad.ts";
import { mul } from "../../src/graph/ops/elementwise.ts";
import { type OpName, ops } from "../../src/graph/ops/index.ts";
import { concat, reshape } from "../../src/graph/ops/movement.ts";
import { sum } from "../../src/graph/ops/reduce.ts";
import { constant, input, type Tensor } from "../../src/graph/tensor.ts";
import { lower, type lowerings, type ProgramGraph } from "../../src/onnx/lower.ts";
import type { LoweringTarget } from "../../src/onnx/target.ts";
import type { Program, Runtime, Values } from "../../src/runtime/runtime.ts";
import { fill, uniform } from "../support/leaf.ts";
import type { Case } from "./case.ts";
import { cases } from "./cases/index.ts";

/** A case and the leaves by which it is differentiated. */
export interface Trial extends Case {
  readonly wrt: readonly string[];
  /** The name of the case whose gradient this one computes. */
  readonly gradientOf?: string;
}

export const opNames = Object.keys(ops) as OpName[];

/** The cases of an operator, and the gradients of those to be differentiated twice. */
export function trialsOf(type: OpName): Trial[] {
  return cases[type].flatMap((c) => {
    const trial = { ...c, wrt: ops[type].op.grad ? floatLeaves(c) : [] };
    return c.twice ? [trial, gradientOf(trial)] : [trial];
  });
}

function floatLeaves(c: Case): string[] {
  if (c.build(inputsOf(c)).dtype !== "float32") return [];
  return Object.keys(c.leaves).filter((leaf) => c.leaves[leaf]!.dtype === "float32");
}

/** The gradients of a trial by all its leaves, one after the other, as a function of the leaves and the cotangent. */
function gradientOf(trial: Trial): Trial {
  const leaves = { ...trial.leaves, cotangent: uniform(trial.build(inputsOf(trial)).shape) };
  return {
    name: `gradient of ${trial.name}`,
    gradientOf: trial.name,
    leaves,
    wrt: Object.keys(leaves),
    build: (tensors) => {
      const loss = sum(mul(trial.build(tensors), tensors["cotangent"]!));
      const grads = gradients(loss, pick(tensors, trial.wrt));
      return concat(
        grads.map((grad) => reshape(grad, [grad.size])),
        0,
      );
    },
  };
}

/** The same trial on constants of the graph instead of inputs. */
export function onConstants(trial: Trial): Trial {
  const tensors = mapValues(trial.leaves, (leaf, name) =>
    constant(fill(leaf, `${trial.name}/${name}`), leaf.shape, leaf.dtype),
  );
  return { ...trial, leaves: {}, wrt: [], build: () => trial.build(tensors) };
}

/** What the elements of the result are weighted with to make a scalar of them. */
export const cotangent = (c: Case, y: Tensor): Float32Array =>
  fill(uniform(y.shape), `${c.name}/cotangent`) as Float32Array;

const inputsOf = (c: Case): Record<string, Tensor> =>
  mapValues(c.leaves, ({ shape, dtype }, name) => input(name, shape, dtype));

/** What graphs are lowered to and, unless it is the usual one, by which table. */
export interface Lowering {
  readonly target: LoweringTarget;
  readonly table?: typeof lowerings;
}

/** The value of a trial's function, and its gradient by each leaf. */
export interface Result {
  readonly y: TensorData;
  readonly gradients: Readonly<Record<string, TensorData>>;
}

/** Several trials as one program, because loading a program costs more than running it. */
export class Bench {
  readonly trials: readonly Trial[];
  /** The values of each trial's leaves. */
  readonly values: readonly Values[];
  /** The result of each trial, as the graph has it. */
  readonly results: readonly Tensor[];
  readonly #program: Program;

  private constructor(trials: readonly Trial[], results: readonly Tensor[], program: Program) {
    this.trials = trials;
    this.values = trials.map(({ leaves, name }) => mapValues(leaves, (leaf, key) => fill(leaf, `${name}/${key}`)));
    this.results = results;
    this.#program = program;
  }

  static async load(runtime: Runtime, { target, table }: Lowering, trials: readonly Trial[]): Promise<Bench> {
    const graph = graphOf(trials);
    const results = trials.map((_, i) => graph.outputs[i]!);
    return new Bench(trials, results, await runtime.load(lower(graph, target, table)));
  }

  /** One result for each trial; `leaves` gives the values for trial i. */
  async run(leaves = (i: number): Values => this.values[i]!): Promise<Result[]> {
    const feeds = this.trials.flatMap((_, i) =>
      Object.entries(leaves(i)).map(([name, data]): [string, TensorData] => [`${i}.${name}`, data]),
    );
    const values = await this.#program.run(Object.fromEntries(feeds));
    return this.trials.map(({ wrt }, i) => ({
      y: values[i]!,
      gradients: Object.fromEntries(wrt.map((name) => [name, values[`${i}.gradient.${name}`]!])),
    }));
  }

  release(): Promise<void> {
    return this.#program.release();
  }
}

/** The graph of several trials: leaves as `i.leaf`, results as `i` and gradients as `i.gradient.leaf`. */
export function graphOf(trials: readonly Trial[]): ProgramGraph {
  const inputs: Record<string, Tensor> = {};
  const outputs: Record<string, Tensor> = {};
  for (const [i, trial] of trials.entries()) {
    const leaves = inputsOf(trial);
    const y = trial.build(leaves);
    for (const [name, leaf] of Object.entries(leaves)) inputs[`${i}.${name}`] = leaf;
    outputs[i] = y;
    for (const [name, grad] of Object.entries(gradientsOf(trial, y, leaves))) outputs[`${i}.gradient.${name}`] = grad;
  }
  return { inputs, outputs };
}

function gradientsOf(trial: Trial, y: Tensor, leaves: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  if (trial.wrt.length === 0) return {};
  const loss = sum(mul(y, constant(cotangent(trial, y), y.shape)));
  const grads = gradients(loss, pick(leaves, trial.wrt));
  return Object.fromEntries(trial.wrt.map((name, i) => [name, grads[i]!]));
}

const pick = (tensors: Readonly<Record<string, Tensor>>, names: readonly string[]): Tensor[] =>
  names.map((name) => tensors[name]!);

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A, key: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
