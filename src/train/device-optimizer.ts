import { lower } from "../onnx/lower.ts";
import { type Chunk, chunksFit, chunksOf } from "../optim/chunks.ts";
import type { GraphOptimizer } from "../optim/graph-optimizer.ts";
import type { TensorHyper } from "../optim/optimizer.ts";
import { updateGraph, updateNames } from "../optim/update-graph.ts";
import type { DeviceProgram, DeviceRuntime } from "../runtime/device.ts";
import { type DeviceMap, disposeAll, download, type HostTensor, upload } from "./device-copies.ts";

/** The optimizer's state of one parameter. */
export type Slot = Readonly<Record<string, Float32Array>>;

/** What an update needs beside the gradients. */
export interface DeviceUpdate {
  readonly hypers: Readonly<Record<string, TensorHyper>>;
  readonly mom: number;
  /** The number of this step, counted from 1. */
  readonly step: number;
  /** Decays through the gradient (classic L2), not beside it. */
  readonly l2: boolean;
  /** What the gradients are multiplied with. */
  readonly factor: number;
}

/**
 * Updates parameters on a device. Neighbours of the same learning rate and weight decay are one vector meanwhile: a device
 * spends more time on beginning an operation than on a small tensor.
 */
export class DeviceOptimizer {
  readonly #runtime: DeviceRuntime;
  readonly #rule: GraphOptimizer;
  #chunks: readonly Chunk[] = [];
  #loaded: { readonly program: DeviceProgram; readonly l2: boolean } | undefined;
  /** The state of the chunks. */
  #state: DeviceMap = new Map();
  /** The state of parameters that are in no chunk. */
  #idle: ReadonlyMap<string, Slot> = new Map();

  constructor(runtime: DeviceRuntime, rule: GraphOptimizer) {
    this.#runtime = runtime;
    this.#rule = rule;
  }

  /** The parameters that have gradients, after a step; the tensors fed are left as they are. */
  async update(params: DeviceMap, gradients: DeviceMap, settings: DeviceUpdate): Promise<DeviceMap> {
    if (!chunksFit(this.#chunks, gradients, settings.hypers)) await this.#arrange(gradients, settings);
    const program = await this.#program(settings.l2);
    const { kept } = await program.run(this.#numbers(settings), {
      ...Object.fromEntries(this.#state),
      ...Object.fromEntries([...gradients.keys()].map((name) => [updateNames.param(name), params.get(name)!])),
      ...Object.fromEntries([...gradients].map(([name, tensor]) => [updateNames.gradient(name), tensor])),
    });
    const nextOf = (name: string) => [name, kept[updateNames.next(name)]!] as const;
    disposeAll(this.#state);
    this.#state = new Map([...this.#state.keys()].map(nextOf));
    return new Map([...gradients.keys()].map(nextOf));
  }

  /** A copy of the state of every parameter that was updated. */
  async slots(): Promise<Map<string, Slot>> {
    const slots = new Map(this.#idle);
    const vectors = await download(this.#runtime, this.#state);
    for (const [i, { parts }] of this.#chunks.entries())
      for (const { name, start, stop } of parts) {
        const own = this.#rule.slots.map((slot) => [slot, vectors.get(ofChunk(slot, i))!.slice(start, stop)] as const);
        slots.set(name, Object.fromEntries(own));
      }
    return slots;
  }

  /** Replaces the state of all parameters. */
  async setSlots(slots: ReadonlyMap<string, Slot>): Promise<void> {
    disposeAll(this.#state);
    this.#state = new Map();
    this.#chunks = [];
    this.#idle = slots;
    await this.#loaded?.program.release();
    this.#loaded = undefined;
  }

  /** Puts the state where the parameters of a step are updated in chunks. */
  async #arrange(parameters: DeviceMap, { hypers }: DeviceUpdate): Promise<void> {
    const slots = await this.slots();
    await this.setSlots(slots);
    this.#chunks = chunksOf(parameters, hypers);
    this.#idle = new Map([...slots].filter(([name]) => !parameters.has(name)));
    const vectors = new Map<string, HostTensor>();
    for (const [i, { parts, length }] of this.#chunks.entries())
      for (const slot of this.#rule.slots) {
        const data = new Float32Array(length);
        for (const { name, start } of parts) data.set(slots.get(name)?.[slot] ?? [], start);
        vectors.set(ofChunk(slot, i), { shape: [length], data });
      }
    this.#state = await upload(this.#runtime, vectors);
  }

  async #program(l2: boolean): Promise<DeviceProgram> {
    if (this.#loaded?.l2 === l2) return this.#loaded.program;
    await this.#loaded?.program.release();
    const lowered = lower(updateGraph(this.#rule, this.#chunks, l2), this.#runtime.target);
    const program = await this.#runtime.loadResident(lowered, new Set(Object.keys(lowered.outputs)));
    this.#loaded = { program, l2 };
    return program;
  }

  #numbers({ hypers, mom, step, l2, factor }: DeviceUpdate): Record<string, Float32Array> {
    const numbers: Record<string, Float32Array> = { [updateNames.factor]: Float32Array.of(factor) };
    for (const [i, { parts }] of this.#chunks.entries()) {
      const { lr, wd } = hypers[parts[0]!.name]!;
      const own = { ...this.#rule.numbers({ mom, step, lr, wd: l2 ? 0 : wd }), ...(l2 && { [updateNames.decay]: wd }) };
      for (const [name, value] of Object.entries(own)) numbers[ofChunk(name, i)] = Float32Array.of(value);
    }
    return numbers;
  }
}

const { ofChunk } = updateNames;
