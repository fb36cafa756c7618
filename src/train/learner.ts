import type { DataBunch } from "../data/databunch.ts";
import type { ExportedModel } from "../export/export-model.ts";
import { withTta } from "../inference/tta.ts";
import { crossEntropy } from "../losses/cross-entropy.ts";
import { metrics as metricTable } from "../metrics/index.ts";
import type { Metric } from "../metrics/metric.ts";
import type { Loss } from "../losses/loss.ts";
import { layerGroups, type ParameterInfo, trainableParameters } from "../models/layer-groups.ts";
import type { SegmentationModel } from "../models/model.ts";
import { loadState, type StateDict } from "../nn/state.ts";
import type { LoweredProgram } from "../onnx/lower.ts";
import { lrRange, slice, type Slice } from "../optim/groups.ts";
import { lrSweep } from "../optim/lr-sweep.ts";
import type { Schedule } from "../optim/schedule.ts";
import { ConfigError } from "../util/errors.ts";
import { BatchParts } from "./batch-parts.ts";
import type { Callback, CallbackLearner, Evaluation } from "./callback.ts";
import { emptyOptimizerState, type Engine, type OptimizerState } from "./engine.ts";
import { evaluate, noEvaluation, scoreContext, type ValidateOptions } from "./evaluate.ts";
import { exportLearner, type LearnerExportOptions } from "./export-learner.ts";
import { fit, type FitPlan, type FitPosition } from "./fit.ts";
import type {
  FineTuneOptions,
  FitOptions,
  FlatCosFitOptions,
  LearnerOptions,
  OneCycleFitOptions,
  ScheduleFor,
} from "./fit-options.ts";
import type { Host } from "./host.ts";
import { type FilePlace, readSaved, requireSavable, saveWeights } from "./learner-files.ts";
import { LearnerView } from "./learner-view.ts";
import { LrFinder, type LrFindOptions, LrFound, stepOnly } from "./lr-find.ts";
import { optimizerFits } from "./optimizer-tensors.ts";
import { ProgramCache } from "./program-cache.ts";
import { RecentPrograms } from "./recent-programs.ts";
import { Recorder } from "./recorder.ts";
import { constantFor, flatCosFor, oneCycleFor } from "./schedules.ts";
import { startState } from "./start-state.ts";
import { diverged, type StepContext, takeStep } from "./stepper.ts";
import { summarize, summaryText } from "./summary.ts";

export type { FitOptions, LearnerOptions, OneCycleFitOptions } from "./fit-options.ts";

/** Momentum until a schedule has set another (fastai's Adam β₁). */
const startMomentum = 0.9;

/**
 * Trains and evaluates a model on data: fastai's Learner.
 * @example
 * const learner = await unetLearner(data, "resnet34", { metrics: [accCamvid, meanIou] });
 * await learner.fitOneCycle(10, slice(1e-3));
 * await learner.save("stage-1");
 * await learner.close();
 */
export class Learner extends LearnerView implements CallbackLearner {
  /** What it trains and validates on. */
  readonly data: DataBunch;
  /** The network: its structure, not its weights. */
  readonly model: SegmentationModel;
  /** Holds the weights and runs the network. */
  readonly engine: Engine;
  /** What is measured after every epoch. */
  readonly metrics: readonly Metric[];
  /** The numbers of the last fit. */
  readonly recorder: Recorder;
  /** What is minimised. */
  readonly loss: Loss;
  /** The name of the loss, as tables show it. */
  readonly lossName: string;
  /** Where files are kept; without one, nothing can be saved. */
  readonly host: Host | undefined;
  readonly #groups: readonly (readonly ParameterInfo[])[];
  readonly #options: Required<Pick<LearnerOptions, "wd" | "trueWd" | "bnWd" | "trainBn" | "path" | "modelDir">>;
  readonly #callbacks: readonly Callback[];
  readonly #programs: ProgramCache;
  readonly #recent: RecentPrograms;
  readonly #parts: BatchParts;
  #trainable: readonly ParameterInfo[];
  #momentum = startMomentum;
  /** Epochs of all fits so far: the next fit begins with orders of its own. */
  #passes = 0;
  #position: (() => FitPosition) | undefined;

  private constructor(data: DataBunch, model: SegmentationModel, engine: Engine, options: LearnerOptions) {
    super();
    this.data = data;
    this.model = model;
    this.engine = engine;
    this.metrics = options.metrics ?? [metricTable.accCamvid, metricTable.meanIou];
    this.#groups = layerGroups(model);
    const { wd = 0.01, trueWd = true, bnWd = true, trainBn = true, path = "", modelDir = "models" } = options;
    this.#options = { wd, trueWd, bnWd, trainBn, path, modelDir };
    this.host = options.host;
    this.loss = options.loss ?? crossEntropy();
    this.lossName = options.loss ? options.loss.name || "given to the learner" : "crossEntropy";
    this.recorder = new Recorder(this.host);
    this.#callbacks = options.callbacks ?? [];
    this.#programs = new ProgramCache(engine, model, this.loss, { memory: options.memory });
    this.#recent = new RecentPrograms(engine);
    this.#parts = new BatchParts({ free: () => this.#free(), onSplit: options.onSplit });
    this.#trainable = this.#groups.flat();
  }

  /**
   * A learner with freshly drawn weights, or those given. Throws a ConfigError when given ones do not fit, or the memory
   * that is given is not enough for a batch.
   * @see fastai-spec §5.1
   * @example
   * const model = unet({ encoder: "resnet34", classes: data.c });
   * const learner = await Learner.create(data, model, await openEngine(), { seed: 1 });
   */
  static async create(
    data: DataBunch,
    model: SegmentationModel,
    engine: Engine,
    options: LearnerOptions = {},
  ): Promise<Learner> {
    const learner = new Learner(data, model, engine, options);
    await engine.setState(startState(model, options));
    if (options.memory !== undefined) await learner.#requireMemory();
    return learner;
  }

  /**
   * Trains with Smith's 1cycle policy (arXiv:1803.09820); `lr` is the highest rate, a slice spreads it over the layer
   * groups. All fits throw a ConfigError for options out of range, a DivergedError when the loss is no longer finite.
   * (fastai-spec §5.6.)
   * @example await learner.fitOneCycle(10, slice(1e-5, 1e-3), { pctStart: 0.9, wd: 1e-2 });
   */
  fitOneCycle(epochs: number, lr: number | Slice = slice(3e-3), options: OneCycleFitOptions = {}): Promise<void> {
    return this.fitSchedule(epochs, oneCycleFor(lr, options), options);
  }

  /**
   * Trains at a constant learning rate and the momentum that the last fit has left (0.9 at first). (fastai-spec §5.5.)
   * Errors as `fitOneCycle`.
   * @example await learner.fit(2, 1e-4);
   */
  fit(epochs: number, lr: number | Slice = slice(3e-3), options: FitOptions = {}): Promise<void> {
    return this.fitSchedule(epochs, constantFor(lr), options);
  }

  /**
   * Trains at a constant learning rate that falls to 0 at the end along a cosine (fastai's `fit_fc`). (fastai-spec
   * §5.6.) Errors as `fitOneCycle`.
   * @example await learner.fitFlatCos(10, slice(1e-3), { startPct: 0.72 });
   */
  fitFlatCos(epochs: number, lr: number | Slice = slice(3e-3), options: FlatCosFitOptions = {}): Promise<void> {
    return this.fitSchedule(epochs, flatCosFor(lr, options), options);
  }

  /**
   * Trains the last layer group alone at `baseLr`, then all of them at half of it, the first one at `lrMult` times less
   * (fastai v2's `fine_tune`). Errors as `fitOneCycle`.
   * @example await learner.fineTune(10, 2e-3, { freezeEpochs: 1 });
   */
  async fineTune(epochs: number, baseLr = 2e-3, options: FineTuneOptions = {}): Promise<void> {
    const { freezeEpochs = 1, lrMult = 100, ...rest } = options;
    await this.freeze();
    if (freezeEpochs > 0)
      await this.fitOneCycle(freezeEpochs, slice(baseLr), { finalDiv: 1e5, ...rest, pctStart: 0.99 });
    await this.unfreeze();
    const lr = slice(baseLr / 2 / lrMult, baseLr / 2);
    await this.fitOneCycle(epochs, lr, { divFactor: 5, finalDiv: 1e5, ...rest });
  }

  /**
   * Trains with a schedule of one's own: any function of the batch, such as `phasedSchedule` (fastai's
   * GeneralScheduler). Errors as `fitOneCycle`. (fastai-spec §5.10.)
   * @example
   * const cosine = { to: [0, 0, 0], curve: annealers.cos };
   * await learner.fitSchedule(3, ({ batches, momentum, lrRange }) =>
   *   phasedSchedule([{ batches, lr: { from: lrRange(slice(1e-3)), ...cosine }, mom: momentum }]),
   * );
   */
  async fitSchedule(epochs: number, scheduleFor: ScheduleFor, options: FitOptions = {}): Promise<void> {
    const { totEpochs = epochs, startEpoch = 0, callbacks = [] } = options;
    requireEpochs("epochs", epochs, 1);
    requireEpochs("totEpochs", totEpochs, 1);
    requireEpochs("startEpoch", startEpoch, 0);
    const groups = this.#groups.length;
    const schedule = scheduleFor({
      batches: this.data.train.length * totEpochs,
      momentum: this.#momentum,
      lrRange: (lr) => lrRange(lr, groups),
    });
    const end = Math.min(startEpoch + epochs, totEpochs);
    await this.#fit({ startEpoch, epochs: end, schedule }, [this.recorder, ...this.#callbacks, ...callbacks], options);
    this.#momentum = schedule.at(Math.min(end * this.data.train.length, schedule.batches)).mom;
  }

  /**
   * Sweeps the learning rate from batch to batch and says which one to train with (Smith 2015; fastai-spec §5.7).
   * Weights, buffers and the optimizer's state are as before afterwards, whatever happens; of the callbacks, only what
   * they do to the steps takes place. Throws the signal's reason.
   * @example
   * const { suggestion } = await learner.lrFind({ numIt: 100 });
   * await learner.fitOneCycle(10, slice(suggestion ?? 1e-3));
   */
  async lrFind(options: LrFindOptions = {}): Promise<LrFound> {
    const { numIt = 100, signal, wd } = options;
    const finder = new LrFinder(options);
    const schedule = lrSweep({ ...options, groups: this.#groups.length, mom: this.#momentum });
    const [state, optimizer] = [await this.engine.state(), await this.engine.optimizerState()];
    const [position, passes] = [this.#position, this.#passes];
    try {
      const epochs = Math.ceil(numIt / this.data.train.length);
      const others = [...this.#callbacks, ...(options.callbacks ?? [])].flatMap(stepOnly);
      const rest = { ...(signal && { signal }), ...(wd !== undefined && { wd }) };
      await this.#fit({ startEpoch: 0, epochs, schedule }, [...others, finder], rest);
    } finally {
      await this.engine.setState(state);
      await this.engine.setOptimizerState(optimizer);
      [this.#position, this.#passes] = [position, passes];
    }
    return new LrFound(finder.losses, finder.lrs, this.host);
  }

  /**
   * Trains only the last layer group (and batch norms, with `trainBn`); forgets the optimizer's state. (fastai-spec
   * §5.2.)
   * @example await learner.freeze();
   */
  freeze(): Promise<void> {
    return this.freezeTo(this.#groups.length - 1);
  }

  /**
   * Trains every layer; forgets the optimizer's state. (fastai-spec §5.2.)
   * @example
   * await learner.unfreeze();
   * await learner.fitOneCycle(12, slice(1e-5, 1e-3));
   */
  unfreeze(): Promise<void> {
    return this.freezeTo(0);
  }

  /**
   * Trains the layer groups from `n` on (counted from the end if negative); forgets the optimizer's state. (fastai-spec
   * §5.2.)
   * @example await learner.freezeTo(-2); // the last two groups train
   */
  async freezeTo(n: number): Promise<void> {
    this.#trainable = trainableParameters(this.#groups, n, { trainBn: this.#options.trainBn });
    this.#momentum = startMomentum;
    await this.#programs.forget();
    await this.engine.setOptimizerState(emptyOptimizerState);
  }

  /**
   * Runs over the validation set, or over the batches given, with the weights as they are; with `tta`, on views of each
   * picture. Throws the signal's reason. (fastai-spec §5.9.)
   * @example const { loss, metrics } = await learner.validate({ metrics: [meanIou, boundaryIou()] });
   */
  async validate(options: ValidateOptions = {}): Promise<Evaluation> {
    const { loader = this.data.valid, metrics = this.metrics, tta, ...told } = options;
    const context = scoreContext(this.data);
    if (!tta) return evaluate(this.engine, this.#programs, this.#parts, loader, metrics, context, told);
    const programs = new ProgramCache(this.engine, withTta(this.model, tta), this.loss, { prefix: "tta " });
    const free = async (): Promise<number> => (await programs.forget()) + (await this.#free());
    try {
      const parts = new BatchParts({ free, onSplit: this.#parts.onSplit });
      return await evaluate(this.engine, programs, parts, loader, metrics, context, told);
    } finally {
      await programs.forget();
    }
  }

  /**
   * A program that only looks at the model, by its name in the engine; made where there is none of that name.
   * @example const name = await learner.program("logits", () => lowered);
   */
  program(name: string, make: () => LoweredProgram): Promise<string> {
    return this.#recent.named(name, make);
  }

  /**
   * The layers with their shapes and parameters, and what it trains with, as a table of text. (fastai-spec §5.13.)
   * Throws a ConfigError for data below the model's least size.
   * @example console.log(learner.summary());
   */
  summary(): string {
    const trains = new Set(this.#trainable.map(({ name }) => name));
    const from = this.#groups.findIndex((group) => group.every(({ name }) => trains.has(name)));
    const { wd, trueWd } = this.#options;
    return summaryText(summarize(this.model, this.data.size, trains), {
      weightDecay: `${wd}, ${trueWd ? "beside the gradient" : "in the gradient"}`,
      loss: this.lossName,
      callbacks: [this.recorder, ...this.#callbacks].map(
        (callback: Callback) => callback.name ?? callback.constructor.name,
      ),
      trainedFrom: [from, this.#groups.length],
      engine: this.engine.description,
    });
  }

  /**
   * A copy of weights and buffers by their state-dict names: those that validation runs on, averaged ones where it
   * does.
   * @example const state = await learner.stateDict(); // "layers.0.0.weight" → float32 [64, 3, 7, 7]
   */
  async stateDict(): Promise<StateDict> {
    return this.engine.state("inferred");
  }

  /**
   * Replaces weights and buffers; forgets the optimizer's state. Throws a ConfigError when names or shapes do not fit.
   * @example await learner.loadStateDict((await readWeights("weights.safetensors")).state);
   */
  async loadStateDict(state: StateDict): Promise<void> {
    await this.engine.setState(loadState(this.model, state));
  }

  /**
   * Writes the weights and, unless `withOpt` is false, the optimizer's state beside them: to `NAME.safetensors` in the
   * folder for models. Returns the path. Throws a ConfigError without a place for files, a ResourceError when it cannot
   * be written. (fastai-spec §5.11.)
   * @example const path = await learner.save("stage-1"); // models/stage-1.safetensors
   */
  async save(name: string, { withOpt = true }: { readonly withOpt?: boolean } = {}): Promise<string> {
    const place = this.files;
    await requireSavable(place);
    const optimizer = withOpt ? await this.engine.optimizerState() : undefined;
    return saveWeights(place, name, { model: this.model, data: this.data, state: await this.stateDict(), optimizer });
  }

  /**
   * Reads what `save` wrote: the weights, and the optimizer's state if it is there (`withOpt` true demands it, false
   * leaves it). With `strict` false, names that are missing or too many are passed over. Throws a ConfigError for a
   * file that is missing or does not fit, a CorruptFileError for a damaged one. (fastai-spec §5.11.)
   * @example await learner.load("stage-1");
   */
  async load(name: string, options: { readonly strict?: boolean; readonly withOpt?: boolean } = {}): Promise<void> {
    const { strict = true } = options;
    const { tensors, optimizer } = await readSaved(this.files, name, options.withOpt);
    const loaded = loadState(this.model, tensors, { strict });
    const state = strict ? loaded : new Map([...(await this.engine.state()), ...loaded]);
    if (optimizer && !optimizerFits(optimizer, state))
      throw new ConfigError(`load: the optimizer's state saved with ${name} is that of another network`, {
        hint: "Load the weights alone, with withOpt: false.",
      });
    await this.engine.setState(state);
    if (optimizer) await this.engine.setOptimizerState(optimizer);
  }

  /**
   * Writes the model as one ONNX file, for any batch, height and width, that says what its classes, colours and pictures
   * are; the file is run beside the live model at several sizes first (see `exportOnnx`). int8 takes its ranges from
   * training pictures and is measured on the validation pictures.
   * @throws ConfigError without a place for files, for options that do not fit, and on a GPU without `runtime`;
   * CorruptFileError where file and model differ; ResourceError where it cannot be written.
   * @example await learner.export("camvid.onnx", { precision: "fp16" });
   */
  async export(file = "model.onnx", options: LearnerExportOptions = {}): Promise<ExportedModel> {
    return exportLearner(this, this.files, file, options);
  }

  /** Where files are kept. Throws a ConfigError when there is no place. */
  get files(): FilePlace {
    const { path, modelDir } = this.#options;
    if (this.host) return { host: this.host, path, modelDir };
    throw new ConfigError("learner: there is no place for files", { hint: "Create the learner with a host." });
  }

  /**
   * Finds out before a long fit whether weights can be written. Throws a ConfigError without a place for files, a
   * ResourceError when they cannot be written.
   * @example await learner.requireSavable();
   */
  async requireSavable(): Promise<void> {
    await requireSavable(this.files);
  }

  /**
   * The learner's own callback of a class; undefined where there is none.
   * @example const average = learner.callback(WeightAverage);
   */
  callback<T extends Callback>(kind: abstract new (...args: never[]) => T): T | undefined {
    return this.#callbacks.find((callback): callback is T => callback instanceof kind);
  }

  /**
   * Where the last fit stands, with the weights and the optimizer's state as they train: what a checkpoint holds.
   * Throws a ConfigError before the first fit.
   * @example const { position, weights, optimizer } = await learner.checkpoint();
   */
  async checkpoint(): Promise<{ position: FitPosition; weights: StateDict; optimizer: OptimizerState }> {
    if (!this.#position) throw new ConfigError("checkpoint: nothing has been trained yet");
    const [weights, optimizer] = [await this.engine.state(), await this.engine.optimizerState()];
    return { position: { ...this.#position(), parts: this.#parts.sizes }, weights, optimizer };
  }

  /**
   * Ends the threads of the engine and the loaders; the learner cannot be used afterwards.
   * @example await learner.close();
   */
  async close(): Promise<void> {
    await Promise.all([this.engine.close(), this.data.close()]);
  }

  async #fit(
    span: { readonly startEpoch: number; readonly epochs: number; readonly schedule: Schedule },
    callbacks: readonly Callback[],
    { wd, signal, lrFactor, from }: Pick<FitOptions, "wd" | "signal" | "lrFactor" | "from">,
  ): Promise<void> {
    const context = this.#stepContext(wd);
    this.#parts.sizes = from?.parts ?? this.#parts.sizes;
    const firstPass = from?.firstPass ?? Math.max(this.#passes - span.startEpoch, 0);
    const plan: FitPlan = { ...span, train: this.data.train, callbacks, firstPass, signal, lrFactor, from };
    const trainee = {
      learner: this,
      step: (step) => takeStep(context, step),
      validate: (onBatch) => this.validate({ onBatch, ...(signal ? { signal } : {}) }),
      notValidated: () => noEvaluation(this.metrics, scoreContext(this.data)),
      diverged,
      reached: (position) => (this.#position = position),
    } satisfies Parameters<typeof fit>[0];
    await fit(trainee, plan);
    const { epoch, batch } = this.#position!();
    this.#passes = firstPass + epoch + (batch > 0 ? 1 : 0);
  }

  /** Makes the program of a whole batch in which everything trains: it takes the most memory of all. */
  async #requireMemory(): Promise<void> {
    const [height, width] = this.data.size;
    const trainable = this.#groups.flat().map(({ name }) => name);
    await this.#programs.train({ n: this.data.train.batchSize, height, width }, { trainable });
  }

  #stepContext(wd = this.#options.wd): StepContext {
    const { trueWd, bnWd } = this.#options;
    const trains = new Set(this.#trainable.map(({ name }) => name));
    const still = this.#groups.flat().filter(({ name, role }) => role === "norm" && !trains.has(name));
    const stillNorms = new Set(still.map(({ parameter }) => parameter));
    return {
      ...{ engine: this.engine, programs: this.#programs, trainable: this.#trainable, stillNorms, wd, bnWd, trueWd },
      ...{ parts: this.#parts, classes: this.data.classes.length, counts: this.loss.counts },
    };
  }

  /** Gives the memory of all programs back; tells how many were held beside the one last asked for. */
  async #free(): Promise<number> {
    const others = (await this.#programs.forget()) + (await this.#recent.forget());
    await this.engine.recover?.();
    return others;
  }
}

function requireEpochs(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new ConfigError(`fit: expected ${name} to be a whole number of at least ${least}, but received ${value}`);
}
