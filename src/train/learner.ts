import type { Batch } from "../data/batch.ts";
import type { DataBunch } from "../data/databunch.ts";
import type { IdMask, RgbImage } from "../data/image.ts";
import { prepareImage } from "../data/transform.ts";
import { predictionProgram } from "../inference/predictor.ts";
import { crossEntropy } from "../losses/cross-entropy.ts";
import type { Loss } from "../losses/loss.ts";
import { ConfusionMatrix } from "../metrics/confusion-matrix.ts";
import { metrics as metricTable } from "../metrics/index.ts";
import type { Metric } from "../metrics/metric.ts";
import { layerGroups, type ParameterInfo, trainableParameters } from "../models/layer-groups.ts";
import type { SegmentationModel } from "../models/model.ts";
import { namedLeaves } from "../nn/module.ts";
import { initialState, loadState, type StateDict } from "../nn/state.ts";
import { lrRange, slice, type Slice, tensorHypers } from "../optim/groups.ts";
import { constantSchedule, oneCycle, type Schedule } from "../optim/schedule.ts";
import { ConfigError, DivergedError } from "../util/errors.ts";
import { Random } from "../util/random.ts";
import type { Callback, Evaluation } from "./callback.ts";
import { fit, type FitPosition, type Trainee } from "./fit.ts";
import { emptyOptimizerState, type Engine, type OptimizerState } from "./engine.ts";
import { type BatchShape, trainingProgram, validationProgram } from "./programs.ts";
import { Recorder } from "./recorder.ts";

export interface LearnerOptions {
  readonly loss?: Loss;
  readonly metrics?: readonly Metric[];
  /** Weight decay, decoupled from the gradient; default 0.01. */
  readonly wd?: number;
  /** Whether biases and batch norms decay too; default true, as in fastai. */
  readonly bnWd?: boolean;
  /** Whether batch norms of frozen layers go on training; default true, as in fastai. */
  readonly trainBn?: boolean;
  /** Seed of the initial weights; default 0. */
  readonly seed?: number;
  /** Weights and buffers to begin with, by their state-dict names; what is left out is drawn at random. */
  readonly weights?: StateDict;
  readonly callbacks?: readonly Callback[];
}

export interface FitOptions {
  readonly wd?: number;
  readonly callbacks?: readonly Callback[];
  /** Ends the fit between two batches, by throwing the signal's reason. */
  readonly signal?: AbortSignal;
  /** Continues a fit from where it stood, the weights and the optimizer's state having been put back. */
  readonly from?: FitPosition;
}

export interface OneCycleFitOptions extends FitOptions {
  readonly moms?: readonly [number, number];
  readonly divFactor?: number;
  readonly pctStart?: number;
  readonly finalDiv?: number;
}

/** Trains and evaluates a model on data: fastai's Learner. */
export class Learner {
  readonly data: DataBunch;
  readonly model: SegmentationModel;
  readonly engine: Engine;
  readonly metrics: readonly Metric[];
  readonly recorder = new Recorder();
  readonly #loss: Loss;
  readonly #groups: readonly (readonly ParameterInfo[])[];
  readonly #options: Required<Pick<LearnerOptions, "wd" | "bnWd" | "trainBn">>;
  readonly #callbacks: readonly Callback[];
  readonly #programs = new Set<string>();
  #trainable: readonly ParameterInfo[];
  #position: FitPosition | undefined;

  private constructor(data: DataBunch, model: SegmentationModel, engine: Engine, options: LearnerOptions) {
    this.data = data;
    this.model = model;
    this.engine = engine;
    this.metrics = options.metrics ?? [metricTable.accCamvid, metricTable.meanIou];
    this.#loss = options.loss ?? crossEntropy();
    this.#groups = layerGroups(model);
    this.#options = { wd: options.wd ?? 0.01, bnWd: options.bnWd ?? true, trainBn: options.trainBn ?? true };
    this.#callbacks = options.callbacks ?? [];
    this.#trainable = this.#groups.flat();
  }

  /** A learner with freshly drawn weights, or those given. Throws a ConfigError when given ones do not fit. */
  static async create(
    data: DataBunch,
    model: SegmentationModel,
    engine: Engine,
    options: LearnerOptions = {},
  ): Promise<Learner> {
    const learner = new Learner(data, model, engine, options);
    await engine.setState(startState(model, options));
    return learner;
  }

  /** Trains with Smith's 1cycle policy; `lr` is the highest rate, a slice spreads it over the layer groups. */
  async fitOneCycle(epochs: number, lr: number | Slice = slice(3e-3), options: OneCycleFitOptions = {}): Promise<void> {
    const maxLr = lrRange(lr, this.#groups.length);
    await this.#fit(
      epochs,
      oneCycle({ ...options, maxLr, batches: this.data.train.length * requireEpochs(epochs) }),
      options,
    );
  }

  /** Trains at a constant learning rate. */
  async fit(epochs: number, lr: number | Slice = slice(3e-3), options: FitOptions = {}): Promise<void> {
    const rates = lrRange(lr, this.#groups.length);
    await this.#fit(
      epochs,
      constantSchedule({ lr: rates, mom: 0.9, batches: this.data.train.length * requireEpochs(epochs) }),
      options,
    );
  }

  /** Trains only the last layer group (and batch norms, with `trainBn`); forgets the optimizer's state. */
  freeze(): Promise<void> {
    return this.freezeTo(this.#groups.length - 1);
  }

  /** Trains every layer; forgets the optimizer's state. */
  unfreeze(): Promise<void> {
    return this.freezeTo(0);
  }

  /** Trains the layer groups from `n` on (counted from the end if negative); forgets the optimizer's state. */
  async freezeTo(n: number): Promise<void> {
    this.#trainable = trainableParameters(this.#groups, n, { trainBn: this.#options.trainBn });
    await this.#forgetPrograms();
    await this.engine.setOptimizerState(emptyOptimizerState);
  }

  /** Runs over the validation set. */
  async validate(
    options: { readonly signal?: AbortSignal; readonly onBatch?: (done: number, total: number) => void } = {},
  ): Promise<Evaluation> {
    const { classes, voidIndex, valid } = this.data;
    const confusion = new ConfusionMatrix(classes.length);
    const signal = options.signal ? { signal: options.signal } : {};
    let [loss, pictures, done] = [0, 0, 0];
    for await (const batch of valid.batches(0, signal)) {
      const { images, masks, n } = batch;
      const truth = masks.slice();
      const outputs = await this.engine.infer(await this.#program("validate", batch), { images, masks });
      loss += Number(outputs.loss![0]) * n;
      pictures += n;
      confusion.add(outputs.predictions as Uint8Array, truth);
      options.onBatch?.(++done, valid.length);
    }
    const values = this.metrics.map((metric): [string, number] => [
      metric.title,
      metric.compute(confusion, { voidIndex }),
    ]);
    return { loss: loss / pictures, confusion, metrics: Object.fromEntries(values) };
  }

  /** The class of every pixel of a picture, at its own size. */
  async predict(image: RgbImage): Promise<IdMask> {
    const { height, width } = image;
    const { size, stats } = this.data;
    const name = `predict ${height}×${width}`;
    if (!this.#programs.has(name)) {
      await this.engine.define(name, predictionProgram(this.model, size, [height, width], this.engine.target));
      this.#programs.add(name);
    }
    const { predictions } = await this.engine.infer(name, { images: prepareImage(image, { size, stats }) });
    return { data: predictions as Uint8Array, height, width };
  }

  /** A copy of weights and buffers by their state-dict names. */
  stateDict(): Promise<StateDict> {
    return this.engine.state();
  }

  /** Replaces weights and buffers; throws when names or shapes do not fit. Forgets the optimizer's state. */
  async loadStateDict(state: StateDict): Promise<void> {
    await this.engine.setState(loadState(this.model, state));
  }

  /** Where the last fit stands, and the optimizer's state: what a checkpoint holds beside the weights. */
  async checkpoint(): Promise<{ position: FitPosition; optimizer: OptimizerState }> {
    if (!this.#position) throw new ConfigError("checkpoint: nothing has been trained yet");
    return { position: this.#position, optimizer: await this.engine.optimizerState() };
  }

  /** Ends the threads of the engine and the loaders. */
  async close(): Promise<void> {
    await Promise.all([this.engine.close(), this.data.close()]);
  }

  async #fit(
    epochs: number,
    schedule: Schedule,
    { wd = this.#options.wd, callbacks = [], signal, from }: FitOptions,
  ): Promise<void> {
    const trainee: Trainee = {
      step: (batch, { lr, mom }) => this.#step(batch, lr, mom, wd),
      validate: (onBatch) => this.validate({ onBatch, ...(signal ? { signal } : {}) }),
      reached: (position) => (this.#position = position),
    };
    const told = [this.recorder, ...this.#callbacks, ...callbacks];
    await fit(trainee, { train: this.data.train, epochs, schedule, callbacks: told, signal, from });
  }

  /** One training step; returns the loss before it. */
  async #step(batch: Batch, lr: readonly number[], mom: number, wd: number): Promise<number> {
    const { images, masks } = batch;
    const hypers = tensorHypers(this.#trainable, { lr, wd, bnWd: this.#options.bnWd });
    const byName = Object.fromEntries(this.#trainable.map(({ name }, i) => [name, hypers[i]!]));
    const outputs = await this.engine.step(
      await this.#program("train", batch),
      { images, masks },
      { mom, hypers: byName },
    );
    const loss = Number(outputs.loss![0]);
    if (!Number.isFinite(loss))
      throw new DivergedError(
        `train: the loss is ${loss} at learning rate ${lr.at(-1)!.toExponential(1)}; the weights are those before this batch`,
        {
          hint: "Train with a smaller learning rate, such as a tenth of this one.",
        },
      );
    return loss;
  }

  /** The name of the program for batches of this shape, made on first use. */
  async #program(kind: keyof typeof builders, { n, height, width }: Batch): Promise<string> {
    const name = `${kind} ${n}×${height}×${width}`;
    if (!this.#programs.has(name)) {
      const shape = { n, height, width };
      const trainable = this.#trainable.map((parameter) => parameter.name);
      await this.engine.define(name, builders[kind](this.model, this.#loss, shape, trainable, this.engine.target));
      this.#programs.add(name);
    }
    return name;
  }

  async #forgetPrograms(): Promise<void> {
    for (const name of this.#programs) await this.engine.release(name);
    this.#programs.clear();
  }
}

function startState(model: SegmentationModel, { seed = 0, weights = new Map() }: LearnerOptions): StateDict {
  // Drawing 41 million weights takes more than a second: not where none is needed.
  if (namedLeaves(model).every(([name]) => weights.has(name))) return loadState(model, weights);
  return loadState(model, new Map([...initialState(model, new Random(seed).split("weights")), ...weights]));
}

const builders = {
  train: trainingProgram,
  validate: (model: SegmentationModel, loss: Loss, shape: BatchShape, _: unknown, target: Engine["target"]) =>
    validationProgram(model, loss, shape, target),
};

function requireEpochs(epochs: number): number {
  if (Number.isInteger(epochs) && epochs >= 1) return epochs;
  throw new ConfigError(`fit: expected a whole number of epochs of at least 1, but received ${epochs}`);
}
