import type { DeviceRuntime } from "../runtime/device.ts";
import type { DeviceArithmetic } from "./device-arithmetic.ts";
import { type DeviceMap, disposeAll, download, upload } from "./device-copies.ts";
import type { Accumulation, OptimizerState } from "./engine.ts";

/** Gradients on their way to a step, and what they are to be multiplied with. */
export interface Gathered {
  readonly gradients: DeviceMap;
  readonly factor: number;
}

/** GatheredGradients on a device: Σ weight·gradient and Σ weight of several batches. */
export class DeviceGathering {
  readonly #runtime: DeviceRuntime;
  readonly #arithmetic: DeviceArithmetic;
  #sums: DeviceMap = new Map();
  #weight = 0;

  constructor(runtime: DeviceRuntime, arithmetic: DeviceArithmetic) {
    this.#runtime = runtime;
    this.#arithmetic = arithmetic;
  }

  /** Takes in the gradients of a batch, times `factor`, and disposes of them; gives their sums when the step is complete. */
  async add({ gradients, factor }: Gathered, { weight, first, last }: Accumulation): Promise<Gathered | undefined> {
    if (first) this.clear();
    this.#weight += weight;
    const kind = this.#sums.size === 0 ? "weigh" : "addWeighted";
    const sums = await this.#arithmetic.pass(kind, gradients, this.#sums, weight * factor);
    disposeAll(gradients);
    disposeAll(this.#sums);
    this.#sums = sums;
    if (!last) return undefined;
    const all = { gradients: sums, factor: 1 / (this.#weight || 1) };
    this.#sums = new Map();
    this.#weight = 0;
    return all;
  }

  clear(): void {
    disposeAll(this.#sums);
    this.#sums = new Map();
    this.#weight = 0;
  }

  /** A copy of what is gathered; undefined where that is nothing. */
  async state(): Promise<OptimizerState["gathered"]> {
    if (this.#sums.size === 0) return undefined;
    return { weight: this.#weight, gradients: Object.fromEntries(await download(this.#runtime, this.#sums)) };
  }

  /** Replaces what is gathered. The sums have the shapes of their parameters. */
  async setState(state: OptimizerState["gathered"], shapes: (name: string) => readonly number[]): Promise<void> {
    this.clear();
    if (!state) return;
    const sums = Object.entries(state.gradients).map(([name, data]) => [name, { shape: shapes(name), data }] as const);
    this.#sums = await upload(this.#runtime, new Map(sums));
    this.#weight = state.weight;
  }
}
