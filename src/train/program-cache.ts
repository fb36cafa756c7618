import type { Loss } from "../losses/loss.ts";
import { metricOutputs } from "../metrics/epoch-score.ts";
import type { EpochContext, Metric } from "../metrics/metric.ts";
import type { SegmentationModel } from "../models/model.ts";
import type { LoweredProgram } from "../onnx/lower.ts";
import type { Engine } from "./engine.ts";
import { withinBudget } from "./memory-budget.ts";
import { type BatchShape, trainingProgram, type TrainingVariant, validationProgram } from "./programs.ts";
import { memoryBeside, sumOf } from "./training-memory.ts";

export interface ProgramCacheOptions {
  /** Begins the names in the engine, to tell them from another cache's. */
  readonly prefix?: string;
  /** Bytes that training may take; as many as it needs where left out. */
  readonly memory?: number | undefined;
}

/** The programs of a model in an engine, each made on first use and named by what it is for. */
export class ProgramCache {
  readonly #engine: Engine;
  readonly #model: SegmentationModel;
  readonly #loss: Loss;
  readonly #prefix: string;
  readonly #memory: number | undefined;
  readonly #names = new Set<string>();
  /** The name last asked for. */
  #asked = "";

  constructor(engine: Engine, model: SegmentationModel, loss: Loss, { prefix = "", memory }: ProgramCacheOptions = {}) {
    this.#prefix = prefix;
    this.#memory = memory;
    this.#engine = engine;
    this.#model = model;
    this.#loss = loss;
  }

  /**
   * The name of the training program for batches of this shape. The parameters that train stay until `forget`. Throws a
   * ConfigError where the memory is not enough for it.
   */
  train(batch: BatchShape, variant: TrainingVariant): Promise<string> {
    const { mixed = false, frozen } = variant;
    const kinds = ["train", ...(mixed ? ["mixed"] : []), ...(frozen ? ["frozen norms"] : [])];
    const { n, height, width } = batch;
    return this.named(`${kinds.join(" ")} ${n}×${height}×${width}`, () =>
      this.#training({ n, height, width }, variant),
    );
  }

  #training(shape: BatchShape, variant: TrainingVariant): LoweredProgram {
    const { target } = this.#engine;
    const program = trainingProgram(this.#model, this.#loss, shape, variant, target);
    if (this.#memory === undefined) return program;
    const beside = sumOf(memoryBeside(this.#model, this.#loss, shape, target));
    return withinBudget(program, shape, { memory: this.#memory, beside }, target);
  }

  /** The name of the validation program for batches of this shape and these metrics. */
  validate({ n, height, width }: BatchShape, metrics: readonly Metric[], context: EpochContext): Promise<string> {
    const titles = metrics.flatMap((metric) => ("sums" in metric ? [metric.title] : []));
    return this.named(["validate", ...titles, `${n}×${height}×${width}`].join(" "), () =>
      validationProgram(this.#model, this.#loss, { n, height, width }, this.#engine.target, (logits, target) =>
        metricOutputs(metrics, logits, target, context),
      ),
    );
  }

  /** A program by its name, made where there is none of that name yet. Returns the name. */
  async named(key: string, make: () => LoweredProgram): Promise<string> {
    const name = `${this.#prefix}${key}`;
    this.#asked = name;
    if (this.#names.has(name)) return name;
    await this.#engine.define(name, make());
    this.#names.add(name);
    return name;
  }

  /** Lets go of all programs; tells how many there were beside the one last asked for. */
  async forget(): Promise<number> {
    const others = [...this.#names].filter((name) => name !== this.#asked).length;
    for (const name of this.#names) await this.#engine.release(name);
    this.#names.clear();
    return others;
  }
}
