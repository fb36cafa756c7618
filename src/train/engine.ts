import type { TensorData } from "../graph/dtype.ts";
import { sameShape } from "../graph/shape.ts";
import type { StateDict, StateTensor } from "../nn/state.ts";
import type { LoweredProgram } from "../onnx/lower.ts";
import type { LoweringTarget } from "../onnx/target.ts";
import type { OptimizerMemory } from "../optim/adamw-simd.ts";
import { clipFactor, globalNorm, moveAverage, scale } from "../optim/gradients.ts";
import type { LossScaleState } from "../optim/loss-scale.ts";
import { type OptimizerOptions, optimizerMemory } from "../optim/memory.ts";
import { addL2Gradient, type TensorHyper } from "../optim/optimizer.ts";
import type { Program, Runtime, Values } from "../runtime/runtime.ts";
import { ConfigError } from "../util/errors.ts";
import { isOutOfMemory, outOfMemory } from "../util/out-of-memory.ts";
import { GatheredGradients, type NamedValues } from "./gathered-gradients.ts";
import { requireFit } from "./require-fit.ts";

/** Output name of the gradient of a parameter. */
export const gradientName = (parameter: string): string => `gradient:${parameter}`;
/** Output name of the next value of a buffer. */
export const nextName = (buffer: string): string => `next:${buffer}`;

/** Output name of the length of all gradients as one vector, where `clip` asks for it. */
export const normName = "gradientNorm";

/** Input name of the factor of the loss, where a target computes in float16: the gradients come out times it. */
export const lossScaleName = "lossScale";

/** How the gradient of a batch is gathered with others before a step is taken. */
export interface Accumulation {
  /** How much this batch counts. The gathered gradient is Σ weight·gradient / Σ weight. */
  readonly weight: number;
  /** Whether this batch is the first of its step: what was gathered before is forgotten. */
  readonly first: boolean;
  /** Whether the step is taken after this batch. */
  readonly last: boolean;
}

/** What one optimizer step needs beside the gradients. What is left out costs nothing. */
export interface StepSettings {
  /** Momentum (Adam's β₁) of this step. */
  readonly mom: number;
  /** Learning rate and weight decay of every parameter that the program has a gradient of. */
  readonly hypers: Readonly<Record<string, TensorHyper>>;
  /** Decays through the gradient (classic L2), not beside it. */
  readonly l2?: boolean;
  /**
   * Longest the gradient of all parameters together may be. With any limit, Infinity too, no step is taken where it is
   * not finite.
   */
  readonly clip?: number;
  readonly accumulate?: Accumulation;
  /** Share of the past, in [0, 1), that the averages of weights and buffers keep in this step. */
  readonly average?: number;
}

type Arrays = Readonly<Record<string, Float32Array>>;

/** The optimizer's memory: steps taken, and its state for each parameter that was updated. */
export interface OptimizerState {
  readonly step: number;
  readonly slots: Readonly<Record<string, Arrays>>;
  /** Moving averages of weights and buffers, by name; where there are any. */
  readonly averages?: Arrays;
  /** Σ weight·gradient by parameter, and Σ weight, of a step that is still being gathered. */
  readonly gathered?: { readonly weight: number; readonly gradients: Arrays };
  /** Where the loss scale stands, where programs compute in float16. */
  readonly lossScale?: LossScaleState;
}

/**
 * Holds a model's weights and optimizer state, and runs programs on them. A program's inputs that are named like an
 * entry of the state are fed from it; its outputs named by `gradientName` and `nextName` go back into it.
 */
export interface Engine {
  /** What runs the programs, such as "cpu, 2 threads". */
  readonly description: string;
  /** The target to lower programs to. */
  readonly target: LoweringTarget;
  /** Replaces weights and buffers, and forgets the optimizer's state. */
  setState(state: StateDict): Promise<void>;
  /** A copy of weights and buffers: those that train, or those that `infer` runs on. */
  state(which?: "trained" | "inferred"): Promise<StateDict>;
  /**
   * Whether `infer` runs on the averages of weights and buffers; false at first and after every change of the state.
   */
  useAverages(on: boolean): Promise<void>;
  /** Puts the averages in the place of weights and buffers, and forgets them. */
  adoptAverages(): Promise<void>;
  /** A copy of the optimizer's state. */
  optimizerState(): Promise<OptimizerState>;
  /** Replaces the optimizer's state; an empty one begins anew. Throws a ConfigError for a state of other parameters. */
  setOptimizerState(state: OptimizerState): Promise<void>;
  /** Loads a program under a name; one of that name is released first. */
  define(name: string, program: LoweredProgram): Promise<void>;
  /** Gives the memory of a program back. */
  release(name: string): Promise<void>;
  /**
   * Runs a program and updates the weights, unless its loss is not finite. Returns the outputs that are left, and the
   * gradients' norm where there is a `clip`: if that is not finite, no step was taken. Without one, gradients that are not
   * finite may count as 0: the norm is NaN then. A program that runs out of memory
   * has changed nothing; an update that does throws a ResourceError.
   */
  step(name: string, feeds: Values, settings: StepSettings): Promise<Record<string, TensorData>>;
  /** Runs a program and leaves the weights as they are. */
  infer(name: string, feeds: Values): Promise<Record<string, TensorData>>;
  /**
   * Gives back what a run that was out of memory has left behind; all programs are to be released before. Not there where
   * nothing stays behind.
   */
  recover?(): Promise<void>;
  /** Ends the engine and gives all memory back. */
  close(): Promise<void>;
}

export const emptyOptimizerState: OptimizerState = { step: 0, slots: {} };

type Slot = Record<string, Float32Array>;

/** An engine in the calling thread. */
export class LocalEngine implements Engine {
  readonly description: string;
  readonly target: LoweringTarget;
  readonly #runtime: Runtime;
  readonly #options: OptimizerOptions;
  readonly #programs = new Map<string, { program: Program; spec: LoweredProgram }>();
  #memory: OptimizerMemory;
  #state: StateDict = new Map();
  /** Kept when the state is forgotten, for their memory cannot be given back. */
  readonly #slots = new Map<string, Slot>();
  readonly #updated = new Set<string>();
  #step = 0;
  readonly #averages = new Map<string, Float32Array<ArrayBuffer>>();
  #averaged = false;
  readonly #gathered = new GatheredGradients();
  /** Gradients that the last step has taken in, by the names of outputs. */
  #spare: Record<string, TensorData> = {};

  constructor(runtime: Runtime, optimizer: OptimizerOptions = {}) {
    this.#runtime = runtime;
    this.#options = optimizer;
    this.#memory = optimizerMemory([], optimizer);
    this.target = runtime.target;
    this.description = `${runtime.name}, ${runtime.threads} thread${runtime.threads === 1 ? "" : "s"}`;
  }

  async setState(state: StateDict): Promise<void> {
    if (this.#hasRoomFor(state)) for (const [name, { data }] of state) this.#state.get(name)!.data.set(data);
    else {
      const lengths = [...state.values()].map(({ data }) => data.length);
      this.#memory = optimizerMemory(lengths, this.#options);
      this.#slots.clear();
      this.#state = new Map([...state].map(([name, entry]) => [name, { ...entry, data: this.#stored(entry.data) }]));
    }
    await this.setOptimizerState(emptyOptimizerState);
  }

  async state(which: "trained" | "inferred" = "trained"): Promise<StateDict> {
    const averaged = which === "inferred" && this.#averaged;
    const entries = [...this.#state].map(([name, entry]): [string, StateTensor] => {
      const { data } = (averaged && this.#averageOf(name)) || entry;
      return [name, { ...entry, data: data.slice() }];
    });
    return new Map(entries);
  }

  async useAverages(on: boolean): Promise<void> {
    this.#averaged = on;
  }

  async adoptAverages(): Promise<void> {
    for (const [name, average] of this.#averages) this.#state.get(name)!.data.set(average);
    this.#averages.clear();
    this.#averaged = false;
  }

  async optimizerState(): Promise<OptimizerState> {
    const used = [...this.#slots].filter(([name]) => this.#updated.has(name));
    const slots = Object.fromEntries(used.map(([name, slot]) => [name, copies(Object.entries(slot))]));
    const gathered = this.#gathered.state;
    return {
      ...{ step: this.#step, slots },
      ...(this.#averages.size > 0 && { averages: copies(this.#averages) }),
      ...(gathered && { gathered }),
    };
  }

  async setOptimizerState({ step, slots, averages = {}, gathered }: OptimizerState): Promise<void> {
    const { slots: names } = this.#memory.optimizer;
    for (const [name, slot] of Object.entries(slots)) for (const kind of names) this.#requireFit(name, slot[kind]);
    for (const arrays of [averages, gathered?.gradients ?? {}])
      for (const [name, data] of Object.entries(arrays)) this.#requireFit(name, data);
    this.#step = step;
    this.#updated.clear();
    for (const slot of this.#slots.values()) for (const data of Object.values(slot)) data.fill(0);
    for (const [name, stored] of Object.entries(slots)) {
      const slot = this.#slot(name);
      for (const kind of names) slot[kind]!.set(stored[kind]!);
    }
    this.#averaged = false;
    this.#averages.clear();
    this.#spare = {};
    for (const [name, average] of Object.entries(averages)) this.#averages.set(name, average.slice());
    this.#gathered.state = gathered;
  }

  async define(name: string, spec: LoweredProgram): Promise<void> {
    await this.release(name);
    this.#programs.set(name, { program: await this.#runtime.load(spec), spec });
  }

  async release(name: string): Promise<void> {
    await this.#programs.get(name)?.program.release();
    this.#programs.delete(name);
  }

  async step(name: string, feeds: Values, settings: StepSettings): Promise<Record<string, TensorData>> {
    const spare = this.#spare;
    this.#spare = {};
    const outputs = await this.#run(name, feeds, { spare });
    try {
      return this.#takeIn(outputs, settings);
    } catch (error) {
      // Done again, the step would be taken twice in part.
      throw isOutOfMemory(error) ? outOfMemory(error, "Use smaller pictures or a smaller encoder.") : error;
    }
  }

  /** Updates weights and buffers from what a step's program gave. Returns the outputs that are left. */
  #takeIn(outputs: Record<string, TensorData>, settings: StepSettings): Record<string, TensorData> {
    const gradients = Object.keys(settings.hypers).map((parameter): NamedValues => {
      return [parameter, take(outputs, gradientName(parameter)) as Float32Array];
    });
    const buffers = [...this.#state.keys()].flatMap((buffer): NamedValues[] => {
      const next = take(outputs, nextName(buffer));
      return next ? [[buffer, next as Float32Array]] : [];
    });
    if (!Number.isFinite(Number(outputs.loss?.[0] ?? 0))) return outputs;
    for (const [buffer, next] of buffers) this.#state.get(buffer)!.data.set(next);
    const { accumulate, average } = settings;
    const all = accumulate ? this.#gathered.add(gradients, accumulate) : gradients;
    if (!all) return outputs;
    const norm = this.#update(all, settings);
    this.#spare = Object.fromEntries(all.map(([parameter, gradient]) => [gradientName(parameter), gradient]));
    if (norm !== undefined) outputs[normName] = Float32Array.of(norm);
    if (average !== undefined && (norm === undefined || Number.isFinite(norm)))
      for (const [entry] of [...gradients, ...buffers]) this.#moveAverage(entry, average);
    return outputs;
  }

  infer(name: string, feeds: Values): Promise<Record<string, TensorData>> {
    return this.#run(name, feeds, { averaged: this.#averaged });
  }

  async close(): Promise<void> {
    for (const name of [...this.#programs.keys()]) await this.release(name);
  }

  async #run(
    name: string,
    feeds: Values,
    { averaged = false, spare }: { readonly averaged?: boolean; readonly spare?: Values },
  ): Promise<Record<string, TensorData>> {
    const loaded = this.#programs.get(name);
    if (!loaded) throw new ConfigError(`engine: no program is named ${name}`);
    const valueOf = (input: string): TensorData | undefined =>
      feeds[input] ?? ((averaged && this.#averageOf(input)) || this.#state.get(input))?.data;
    const values = Object.keys(loaded.spec.inputs).map((input) => [input, valueOf(input)]);
    return loaded.program.run(Object.fromEntries(values), spare);
  }

  /** Takes an optimizer step, and returns the gradients' norm before clipping where it was asked for, or NaN. */
  #update(gradients: readonly NamedValues[], { mom, hypers, l2, clip }: StepSettings): number | undefined {
    const norm = clip === undefined ? undefined : globalNorm(gradients.map(([, gradient]) => gradient));
    if (norm !== undefined && !Number.isFinite(norm)) return norm;
    const factor = norm === undefined || clip === undefined ? 1 : clipFactor(norm, clip);
    this.#step++;
    let finite = true;
    for (const [name, gradient] of gradients) {
      const params = this.#state.get(name)!.data;
      const { lr, wd } = hypers[name]!;
      if (factor < 1) scale(gradient, factor);
      if (l2) addL2Gradient(gradient, params, wd);
      const hyper = { mom, step: this.#step, lr, wd: l2 ? 0 : wd };
      finite = this.#memory.optimizer.update(params, gradient, this.#slot(name), hyper) && finite;
    }
    return finite ? norm : NaN;
  }

  #moveAverage(name: string, decay: number): void {
    const { data } = this.#state.get(name)!;
    const average = this.#averages.get(name);
    if (average) moveAverage(average, data, decay);
    else this.#averages.set(name, data.slice());
  }

  #averageOf(name: string): { readonly data: Float32Array<ArrayBuffer> } | undefined {
    const data = this.#averages.get(name);
    return data && { data };
  }

  #requireFit(name: string, data: Float32Array | undefined): void {
    requireFit(name, data, this.#state.get(name)?.data.length);
  }

  /** The optimizer's state of a parameter, which counts as updated from now on. */
  #slot(parameter: string): Slot {
    this.#updated.add(parameter);
    let slot = this.#slots.get(parameter);
    if (!slot) {
      const { length } = this.#state.get(parameter)!.data;
      const { slots } = this.#memory.optimizer;
      slot = Object.fromEntries(slots.map((kind) => [kind, this.#memory.allocate(length)]));
      this.#slots.set(parameter, slot);
    }
    return slot;
  }

  /** Whether a state has the names and shapes of the one that is there. */
  #hasRoomFor(state: StateDict): boolean {
    const known = ([name, { shape }]: [string, StateTensor]): boolean => {
      const own = this.#state.get(name);
      return own !== undefined && sameShape(own.shape, shape);
    };
    return state.size > 0 && state.size === this.#state.size && [...state].every(known);
  }

  /** A copy where the optimizer can update it. */
  #stored(data: Float32Array): Float32Array<ArrayBuffer> {
    const stored = this.#memory.allocate(data.length);
    stored.set(data);
    return stored;
  }
}

function take(outputs: Record<string, TensorData>, name: string): TensorData | undefined {
  const value = outputs[name];
  delete outputs[name];
  return value;
}

function copies(arrays: Iterable<readonly [string, Float32Array]>): Record<string, Float32Array> {
  return Object.fromEntries([...arrays].map(([name, data]) => [name, data.slice()]));
}
