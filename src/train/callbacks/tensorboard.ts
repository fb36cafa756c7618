import type { BatchLoader } from "../../data/databunch.ts";
import { ResourceError } from "../../util/errors.ts";
import type { Callback, CallbackLearner, EpochResult, FitState } from "../callback.ts";
import { joinPath } from "../host.ts";
import { type Entry, EventLog } from "../tensorboard/event-log.ts";
import type { TaggedValue } from "../tensorboard/event.ts";
import { histogramOf } from "../tensorboard/histogram.ts";
import { samplesOf } from "../tensorboard/samples.ts";
import { epochValues, isOfStep, pictureValues, stepValues } from "../tensorboard/values.ts";
import { requireOption } from "./require-option.ts";

/** What is logged, and where. */
export interface TensorBoardOptions {
  /** The folder of the log, in the learner's folder; default "tensorboard". */
  readonly folder?: string;
  /** Validation pictures that are shown, spread over the list; default 4. */
  readonly pictures?: number;
  /** Whether histograms of weights and batch statistics are logged after every epoch; default true. */
  readonly histograms?: boolean;
  /** Told when the log cannot be written; the fit goes on, and writing is tried again. Without it the fit fails. */
  readonly onWarning?: (message: string) => void;
  /** The time in milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * Logs a fit for TensorBoard: loss, learning rate and momentum of every step; after every epoch validation loss,
 * metrics, IoU of the classes, predicted masks and histograms of the weights. The step of all of it is the number of
 * batches trained. Each event is on disk as soon as it is told; a fit that was interrupted, or killed, goes on in its
 * log where it goes on itself, nothing missing and nothing twice. The next fits of a callback continue its log; a new
 * callback begins anew. Gradients are not logged: they stay in the engine, and fetching them would cost every step.
 * Throws a ConfigError for pictures that are no whole number.
 * @example
 * const logging = new TensorBoard({ folder: "runs/first" });
 * await learner.fitOneCycle(10, slice(1e-3), { callbacks: [logging] }); // look with: tensorboard --logdir runs
 */
export class TensorBoard implements Callback {
  /** After all that acts on the fit, before what saves a run. */
  readonly order = 90;
  readonly name = "tensorBoard";
  /** The number of the event file that is written to; NaN before the first event. */
  memory = { file: NaN };
  readonly #options: Required<Omit<TensorBoardOptions, "onWarning">> & Pick<TensorBoardOptions, "onWarning">;
  #learner: CallbackLearner | undefined;
  #log: EventLog | undefined;
  #samples: BatchLoader | undefined;
  /** The step of the last event. */
  #last = 0;
  /** What could not be written yet, and whether that was told. */
  #pending: Entry[] = [];
  #warned = false;

  /** A log in the learner's folder, by default `tensorboard/`. */
  constructor(options: TensorBoardOptions = {}) {
    const { folder = "tensorboard", pictures = 4, histograms = true, now = () => Date.now(), ...rest } = options;
    requireOption("TensorBoard", "pictures", pictures, "a whole number", Number.isInteger(pictures) && pictures >= 0);
    this.#options = { folder, pictures, histograms, now, ...rest };
  }

  /** Finds out before the first batch whether the log can be written. */
  async fitStart(_: FitState, learner: CallbackLearner): Promise<void> {
    const { folder, pictures, now } = this.#options;
    const { host, path } = learner.files;
    const place = joinPath(path, folder);
    await host.requireWritable(place);
    this.#learner = learner;
    this.#log ??= new EventLog(host, place, now);
    this.#samples ??= await samplesOf(learner.data.valid, pictures);
  }

  /** Where the fit goes on from before the end of the log, drops what will be logged again. */
  async epochStart({ pass, batch, batches }: FitState): Promise<void> {
    const log = this.#log!;
    const before = pass * batches;
    const continues = log.number === this.memory.file && before + batch >= this.#last;
    if (Number.isNaN(this.memory.file) || continues) return;
    const kept = (step: number, ofStep: boolean): boolean => step <= (ofStep ? before + batch : before);
    await this.#orWarn(() => log.resume(this.memory.file, (event) => kept(event.step, isOfStep(event))));
  }

  async batchEnd(state: FitState): Promise<void> {
    await this.#write(state.pass * state.batches + state.batch + 1, stepValues(state));
  }

  async epochEnd(state: FitState, result: EpochResult): Promise<void> {
    const { data } = this.#learner!;
    const values = [...epochValues(result, data), ...(await this.#pictures(state)), ...(await this.#histograms())];
    await this.#write(state.pass * state.batches + state.batch, values);
  }

  /** The predictions of the pictures; in the first epoch of a fit the pictures and their true masks too. */
  async #pictures({ history }: FitState): Promise<TaggedValue[]> {
    const { data } = this.#learner!;
    const values: TaggedValue[] = [];
    for await (const batch of this.#learner!.getPreds({ loader: this.#samples!, withImages: true }))
      values.push(...pictureValues(batch, data, history.length === 1));
    return values;
  }

  async #histograms(): Promise<TaggedValue[]> {
    if (!this.#options.histograms) return [];
    const state = await this.#learner!.stateDict();
    return [...state].map(([name, { data: numbers }]) => ({ tag: `weights/${name}`, histo: histogramOf(numbers) }));
  }

  async #write(step: number, value: readonly TaggedValue[]): Promise<void> {
    this.#pending.push({ step, summary: { value } });
    this.#last = step;
    await this.#orWarn(async () => {
      await this.#log!.append(this.#pending);
      this.#pending = [];
    });
    this.memory.file = this.#log!.number ?? NaN;
  }

  async #orWarn(write: () => Promise<void>): Promise<void> {
    try {
      await write();
      this.#warned = false;
    } catch (error) {
      if (!(error instanceof ResourceError) || !this.#options.onWarning) throw error;
      if (!this.#warned) this.#options.onWarning(`${error.message}; training goes on, and writing is tried again`);
      this.#warned = true;
    }
  }
}
