import type { TensorData } from "../graph/dtype.ts";
import type { StateDict } from "../nn/state.ts";
import type { LoweredProgram } from "../onnx/lower.ts";
import type { LoweringTarget } from "../onnx/target.ts";
import type { AdamwOptions } from "../optim/adamw.ts";
import { adamwMemory, type OptimizerMemory } from "../optim/adamw-simd.ts";
import type { TensorHyper } from "../optim/optimizer.ts";
import type { Program, Runtime, Values } from "../runtime/runtime.ts";
import { ConfigError } from "../util/errors.ts";

/** Output name of the gradient of a parameter. */
export const gradientName = (parameter: string): string => `gradient:${parameter}`;
/** Output name of the next value of a buffer. */
export const nextName = (buffer: string): string => `next:${buffer}`;

/** What one optimizer step needs beside the gradients. */
export interface StepSettings {
  /** Momentum (Adam's β₁) of this step. */
  readonly mom: number;
  /** Learning rate and weight decay of every parameter that the program has a gradient of. */
  readonly hypers: Readonly<Record<string, TensorHyper>>;
}

/** The optimizer's memory: steps taken, and its state for each parameter that was updated. */
export interface OptimizerState {
  readonly step: number;
  readonly slots: Readonly<Record<string, Readonly<Record<string, Float32Array>>>>;
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
  /** A copy of weights and buffers. */
  state(): Promise<StateDict>;
  /** A copy of the optimizer's state. */
  optimizerState(): Promise<OptimizerState>;
  /** Replaces the optimizer's state; an empty one begins anew. */
  setOptimizerState(state: OptimizerState): Promise<void>;
  /** Loads a program under a name; one of that name is released first. */
  define(name: string, program: LoweredProgram): Promise<void>;
  release(name: string): Promise<void>;
  /** Runs a program and updates the weights, unless its loss is not finite. Returns the outputs that are left. */
  step(name: string, feeds: Values, settings: StepSettings): Promise<Record<string, TensorData>>;
  /** Runs a program and leaves the weights as they are. */
  infer(name: string, feeds: Values): Promise<Record<string, TensorData>>;
  close(): Promise<void>;
}

export const emptyOptimizerState: OptimizerState = { step: 0, slots: {} };

interface Slot {
  readonly m: Float32Array;
  readonly v: Float32Array;
}

/** An engine in the calling thread. */
export class LocalEngine implements Engine {
  readonly description: string;
  readonly target: LoweringTarget;
  readonly #runtime: Runtime;
  readonly #options: AdamwOptions;
  readonly #programs = new Map<string, { program: Program; spec: LoweredProgram }>();
  #memory: OptimizerMemory;
  #state: StateDict = new Map();
  /** Kept when the state is forgotten, for their memory cannot be given back. */
  readonly #slots = new Map<string, Slot>();
  readonly #updated = new Set<string>();
  #step = 0;

  constructor(runtime: Runtime, optimizer: AdamwOptions = {}) {
    this.#runtime = runtime;
    this.#options = optimizer;
    this.#memory = adamwMemory([], optimizer);
    this.target = runtime.target;
    this.description = `${runtime.name}, ${runtime.threads} thread${runtime.threads === 1 ? "" : "s"}`;
  }

  async setState(state: StateDict): Promise<void> {
    this.#memory = adamwMemory(
      [...state.values()].map(({ data }) => data.length),
      this.#options,
    );
    this.#slots.clear();
    this.#state = new Map([...state].map(([name, entry]) => [name, { ...entry, data: this.#stored(entry.data) }]));
    await this.setOptimizerState(emptyOptimizerState);
  }

  async state(): Promise<StateDict> {
    return copyState(this.#state);
  }

  async optimizerState(): Promise<OptimizerState> {
    const used = [...this.#slots].filter(([name]) => this.#updated.has(name));
    const slots = used.map(([name, { m, v }]) => [name, { m: m.slice(), v: v.slice() }]);
    return { step: this.#step, slots: Object.fromEntries(slots) };
  }

  async setOptimizerState({ step, slots }: OptimizerState): Promise<void> {
    this.#step = step;
    this.#updated.clear();
    for (const slot of this.#slots.values()) for (const data of [slot.m, slot.v]) data.fill(0);
    for (const [name, { m, v }] of Object.entries(slots)) {
      const slot = this.#slot(name);
      slot.m.set(m!);
      slot.v.set(v!);
    }
  }

  async define(name: string, spec: LoweredProgram): Promise<void> {
    await this.release(name);
    this.#programs.set(name, { program: await this.#runtime.load(spec), spec });
  }

  async release(name: string): Promise<void> {
    await this.#programs.get(name)?.program.release();
    this.#programs.delete(name);
  }

  async step(name: string, feeds: Values, { mom, hypers }: StepSettings): Promise<Record<string, TensorData>> {
    const outputs = await this.infer(name, feeds);
    const finite = Number.isFinite(Number(outputs.loss?.[0] ?? 0));
    if (finite) this.#step++;
    for (const [parameter, hyper] of Object.entries(hypers)) {
      const gradient = take(outputs, gradientName(parameter)) as Float32Array;
      if (finite) this.#update(parameter, gradient, mom, hyper);
    }
    for (const [buffer, entry] of this.#state) {
      const next = take(outputs, nextName(buffer));
      if (next && finite) entry.data.set(next as never);
    }
    return outputs;
  }

  async infer(name: string, feeds: Values): Promise<Record<string, TensorData>> {
    const loaded = this.#programs.get(name);
    if (!loaded) throw new ConfigError(`engine: no program is named ${name}`);
    const values = Object.keys(loaded.spec.inputs).map((input) => [
      input,
      feeds[input] ?? this.#state.get(input)?.data,
    ]);
    return loaded.program.run(Object.fromEntries(values));
  }

  async close(): Promise<void> {
    for (const name of [...this.#programs.keys()]) await this.release(name);
  }

  #update(parameter: string, gradient: Float32Array, mom: number, hyper: TensorHyper): void {
    const params = this.#state.get(parameter)!.data as Float32Array;
    this.#memory.optimizer.update(params, gradient, this.#slot(parameter), { mom, step: this.#step, ...hyper });
  }

  /** The optimizer's state of a parameter, which counts as updated from now on. */
  #slot(parameter: string): Slot {
    this.#updated.add(parameter);
    let slot = this.#slots.get(parameter);
    if (!slot) {
      const { length } = this.#state.get(parameter)!.data;
      slot = { m: this.#memory.allocate(length), v: this.#memory.allocate(length) };
      this.#slots.set(parameter, slot);
    }
    return slot;
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

function copyState(state: StateDict): StateDict {
  return new Map([...state].map(([name, entry]) => [name, { ...entry, data: entry.data.slice() }]));
}
