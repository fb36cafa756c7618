import type { TensorData } from "../graph/dtype.ts";
import { sizeOf } from "../graph/shape.ts";
import type { StateDict, StateTensor } from "../nn/state.ts";
import type { LoweredProgram } from "../onnx/lower.ts";
import type { LoweringTarget } from "../onnx/target.ts";
import { clipFactor } from "../optim/gradients.ts";
import { graphOptimizer, type GraphOptimizer } from "../optim/graph-optimizer.ts";
import { LossScale } from "../optim/loss-scale.ts";
import type { OptimizerOptions } from "../optim/memory.ts";
import type { DeviceProgram, DeviceRuntime, DeviceTensor } from "../runtime/device.ts";
import type { Values } from "../runtime/runtime.ts";
import { ConfigError } from "../util/errors.ts";
import { isOutOfMemory, outOfMemory } from "../util/out-of-memory.ts";
import { DeviceArithmetic } from "./device-arithmetic.ts";
import { type DeviceMap, disposeAll, download, duplicate, upload } from "./device-copies.ts";
import { DeviceGathering, type Gathered } from "./device-gathering.ts";
import { DeviceOptimizer } from "./device-optimizer.ts";
import {
  emptyOptimizerState,
  type Engine,
  gradientName,
  lossScaleName,
  nextName,
  normName,
  type OptimizerState,
  type StepSettings,
} from "./engine.ts";
import { requireFit } from "./require-fit.ts";

/**
 * An engine whose weights, buffers and optimizer state stay on a device such as a GPU. Only batches go there; loss and norm
 * come back in every step, all else when it is asked for. Results are those of a LocalEngine but for rounding.
 */
export class DeviceEngine implements Engine {
  readonly description: string;
  readonly target: LoweringTarget;
  readonly #runtime: DeviceRuntime;
  readonly #rule: GraphOptimizer;
  readonly #programs = new Map<string, { readonly program: DeviceProgram; readonly spec: LoweredProgram }>();
  readonly #arithmetic: DeviceArithmetic;
  readonly #optimizer: DeviceOptimizer;
  readonly #gathering: DeviceGathering;
  readonly #lossScale: LossScale;
  readonly #state = new Map<string, DeviceTensor>();
  readonly #averages = new Map<string, DeviceTensor>();
  #averaged = false;
  #step = 0;

  /** @param lossScale is for programs that compute in float16. */
  constructor(runtime: DeviceRuntime, optimizer: OptimizerOptions = {}, lossScale = new LossScale()) {
    this.#runtime = runtime;
    this.#rule = graphOptimizer(optimizer);
    this.#arithmetic = new DeviceArithmetic(runtime);
    this.#optimizer = new DeviceOptimizer(runtime, this.#rule);
    this.#gathering = new DeviceGathering(runtime, this.#arithmetic);
    this.#lossScale = lossScale;
    this.target = runtime.target;
    this.description = runtime.target.half ? `${runtime.name}, convolutions in float16` : runtime.name;
  }

  async setState(state: StateDict): Promise<void> {
    const uploaded = await upload(this.#runtime, state);
    disposeAll(this.#state);
    this.#state.clear();
    replace(this.#state, uploaded);
    await this.setOptimizerState(emptyOptimizerState);
  }

  async state(which: "trained" | "inferred" = "trained"): Promise<StateDict> {
    const averaged = which === "inferred" && this.#averaged;
    const tensors = averaged ? new Map([...this.#state, ...this.#averages]) : this.#state;
    const values = await download(this.#runtime, tensors);
    const entries = [...tensors].map(([name, { shape }]): [string, StateTensor] => {
      return [name, { dtype: "F32", shape, data: values.get(name)! }];
    });
    return new Map(entries);
  }

  async useAverages(on: boolean): Promise<void> {
    this.#averaged = on;
  }

  async adoptAverages(): Promise<void> {
    replace(this.#state, this.#averages);
    this.#averages.clear();
    this.#averaged = false;
  }

  async optimizerState(): Promise<OptimizerState> {
    const gathered = await this.#gathering.state();
    const averages = Object.fromEntries(await download(this.#runtime, this.#averages));
    return {
      ...{ step: this.#step, slots: Object.fromEntries(await this.#optimizer.slots()) },
      ...(this.#averages.size > 0 && { averages }),
      ...(gathered && { gathered }),
      ...(this.target.half && { lossScale: this.#lossScale.state }),
    };
  }

  async setOptimizerState({ step, slots, averages = {}, gathered, lossScale }: OptimizerState): Promise<void> {
    for (const [name, slot] of Object.entries(slots))
      for (const kind of this.#rule.slots) this.#requireFit(name, slot[kind]);
    for (const arrays of [averages, gathered?.gradients ?? {}])
      for (const [name, data] of Object.entries(arrays)) this.#requireFit(name, data);
    const shapeOf = (name: string) => this.#state.get(name)!.shape;
    const uploaded = Object.entries(averages).map(([name, data]) => [name, { shape: shapeOf(name), data }] as const);
    this.#step = step;
    this.#lossScale.restore(lossScale);
    await this.#optimizer.setSlots(new Map(Object.entries(slots)));
    await this.#gathering.setState(gathered, shapeOf);
    disposeAll(this.#averages);
    this.#averages.clear();
    replace(this.#averages, await upload(this.#runtime, new Map(uploaded)));
    this.#averaged = false;
    await this.#arithmetic.forget();
  }

  async define(name: string, spec: LoweredProgram): Promise<void> {
    await this.release(name);
    const changed = [...this.#state.keys()].flatMap((entry) => [gradientName(entry), nextName(entry)]);
    const kept = new Set(changed.filter((output) => output in spec.outputs));
    this.#programs.set(name, { program: await this.#runtime.loadResident(spec, kept), spec });
  }

  async release(name: string): Promise<void> {
    const loaded = this.#programs.get(name);
    if (!loaded) return;
    this.#programs.delete(name);
    // The program's memory is held as long as one of its tensors.
    const made = new Map([...this.#state].filter(([, { maker }]) => maker === loaded.program));
    replace(this.#state, await duplicate(this.#runtime, made));
    await loaded.program.release();
  }

  async step(name: string, feeds: Values, settings: StepSettings): Promise<Record<string, TensorData>> {
    const { values, kept } = await this.#run(name, feeds, false);
    try {
      return await this.#takeIn(name, values, new Map(Object.entries(kept)), settings);
    } catch (error) {
      throw isOutOfMemory(error) ? outOfMemory(error, "Use smaller pictures or a smaller encoder.") : error;
    }
  }

  async infer(name: string, feeds: Values): Promise<Record<string, TensorData>> {
    const { values, kept } = await this.#run(name, feeds, this.#averaged);
    disposeAll(new Map(Object.entries(kept)));
    return values;
  }

  async close(): Promise<void> {
    disposeAll(this.#state);
    this.#state.clear();
    await this.setOptimizerState(emptyOptimizerState);
    for (const name of [...this.#programs.keys()]) await this.release(name);
  }

  #run(name: string, feeds: Values, averaged: boolean) {
    const loaded = this.#programs.get(name);
    if (!loaded) throw new ConfigError(`engine: no program is named ${name}`);
    const resident = Object.keys(loaded.spec.inputs).flatMap((input): [string, DeviceTensor][] => {
      const tensor = (averaged && this.#averages.get(input)) || this.#state.get(input);
      return tensor && !(input in feeds) ? [[input, tensor]] : [];
    });
    const scale = { [lossScaleName]: Float32Array.of(this.#lossScale.value) };
    return loaded.program.run({ ...scale, ...feeds }, Object.fromEntries(resident));
  }

  /** Updates weights and buffers from what a step's program gave. Returns the outputs that are left. */
  async #takeIn(
    name: string,
    outputs: Record<string, TensorData>,
    kept: Map<string, DeviceTensor>,
    settings: StepSettings,
  ): Promise<Record<string, TensorData>> {
    const scaled = lossScaleName in this.#programs.get(name)!.spec.inputs;
    const gradients = taken(kept, Object.keys(settings.hypers), gradientName);
    const buffers = taken(kept, [...this.#state.keys()], nextName);
    disposeAll(kept);
    if (!Number.isFinite(Number(outputs.loss?.[0] ?? 0))) {
      disposeAll(new Map([...gradients, ...buffers]));
      return outputs;
    }
    replace(this.#state, buffers);
    const { accumulate, average } = settings;
    const batch = { gradients, factor: scaled ? 1 / this.#lossScale.value : 1 };
    const all = accumulate ? await this.#gathering.add(batch, accumulate) : batch;
    if (!all) return outputs;
    const norm = await this.#update(all, settings, scaled);
    disposeAll(all.gradients);
    const skipped = norm !== undefined && !Number.isFinite(norm);
    if (norm !== undefined && (skipped || settings.clip !== undefined)) outputs[normName] = Float32Array.of(norm);
    if (average !== undefined && !skipped) await this.#moveAverages([...gradients.keys(), ...buffers.keys()], average);
    return outputs;
  }

  /** Takes an optimizer step, and returns the gradients' norm before clipping where it was needed. */
  async #update(
    { gradients, factor }: Gathered,
    { mom, hypers, l2 = false, clip }: StepSettings,
    scaled: boolean,
  ): Promise<number | undefined> {
    const norm = clip === undefined && !scaled ? undefined : factor * (await this.#arithmetic.norm(gradients));
    const finite = norm === undefined || Number.isFinite(norm);
    if (scaled) this.#lossScale.update(finite);
    if (!finite) return norm;
    const shortened = norm === undefined || clip === undefined ? factor : factor * clipFactor(norm, clip);
    const update = { hypers, mom, step: this.#step + 1, l2, factor: shortened };
    replace(this.#state, await this.#optimizer.update(this.#state, gradients, update));
    this.#step++;
    return norm;
  }

  async #moveAverages(names: readonly string[], decay: number): Promise<void> {
    const [known, fresh] = [new Map<string, DeviceTensor>(), new Map<string, DeviceTensor>()];
    for (const name of names) (this.#averages.has(name) ? known : fresh).set(name, this.#state.get(name)!);
    if (known.size > 0) replace(this.#averages, await this.#arithmetic.pass("average", known, this.#averages, decay));
    replace(this.#averages, await duplicate(this.#runtime, fresh));
  }

  #requireFit(name: string, data: Float32Array | undefined): void {
    const shape = this.#state.get(name)?.shape;
    requireFit(name, data, shape && sizeOf(shape));
  }
}

/** Puts tensors in the place of those of their names, which are disposed of. */
function replace(tensors: Map<string, DeviceTensor>, next: DeviceMap): void {
  for (const [name, tensor] of next) {
    tensors.get(name)?.dispose();
    tensors.set(name, tensor);
  }
}

/** The outputs of some entries by the names of these, no longer among the others. */
function taken(
  outputs: Map<string, DeviceTensor>,
  names: readonly string[],
  outputName: (name: string) => string,
): Map<string, DeviceTensor> {
  const found = new Map<string, DeviceTensor>();
  for (const name of names) {
    const tensor = outputs.get(outputName(name));
    outputs.delete(outputName(name));
    if (tensor) found.set(name, tensor);
  }
  return found;
}
