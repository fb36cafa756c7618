import type { ModelCard } from "../inference/card.ts";
import type { Metric } from "../metrics/metric.ts";
import type { StateDict } from "../nn/state.ts";
import { messageOf, ResourceError } from "../util/errors.ts";
import type { Callback, EpochResult, FitState } from "./callback.ts";
import type { Learner } from "./learner.ts";
import { resultColumns, resultRow } from "./results.ts";
import type { RunFolder } from "./run-folder.node.ts";

export interface SaveRunOptions {
  readonly card: ModelCard;
  /** The metric that decides which epoch is best. */
  readonly monitor: Metric;
  /** How many fits the run has, one after the other. */
  readonly phases: number;
  /** A fingerprint of the data, kept in the checkpoint. */
  readonly data: string;
  /** The epochs that an interrupted run had finished in earlier fits. */
  readonly earlier?: readonly EpochResult[];
  /** Least time between two checkpoints while a fit goes on, in seconds; default 120. */
  readonly every?: number;
  /** Told when something could not be saved in the middle of a fit, which goes on. */
  readonly onWarning?: (message: string) => void;
}

/** The part of a learner that is saved. */
export type SavedLearner = Pick<Learner, "metrics" | "stateDict" | "checkpoint">;

type Position = Awaited<ReturnType<Learner["checkpoint"]>>;

/**
 * Keeps a run on disk: results.csv after every epoch; the best weights and a checkpoint now and then and when a fit ends
 * early; the last weights however it ends. Once the last fit is done the checkpoint is removed.
 */
export class SaveRun implements Callback {
  /** After all that acts on the fit, so that a checkpoint has what has become of it. */
  readonly order = 100;
  readonly #learner: SavedLearner;
  readonly #run: RunFolder;
  readonly #options: SaveRunOptions;
  /** The epochs of earlier fits and of this one, counted through the run. */
  #earlier: readonly EpochResult[];
  #current: EpochResult[] = [];
  #best: { result: EpochResult; state: StateDict | undefined } | undefined;
  #phase = 0;
  #trained: boolean;
  #savedAt = performance.now();
  /** A save takes so long that the next one waits: at most a twentieth of the time goes into saving. */
  #pause = 0;
  readonly #safe = new Map<string, string>();

  constructor(learner: SavedLearner, run: RunFolder, options: SaveRunOptions) {
    this.#learner = learner;
    this.#run = run;
    this.#options = options;
    this.#earlier = options.earlier ?? [];
    this.#trained = this.#earlier.length > 0;
    for (const result of this.#earlier) if (this.#improves(result)) this.#best = { result, state: undefined };
  }

  /** The best epoch so far, counted through the run. */
  get best(): EpochResult | undefined {
    return this.#best?.result;
  }

  /** Whether there is anything to keep: a batch was trained, now or before the run was interrupted. */
  get trained(): boolean {
    return this.#trained;
  }

  /** Epochs of the run before the fit that is under way. */
  get first(): number {
    return this.#earlier.length;
  }

  /** The time that the epochs of the run have taken, in seconds. */
  get seconds(): number {
    return [...this.#earlier, ...this.#current].reduce((sum, { seconds }) => sum + seconds, 0);
  }

  /** Says which of the run's fits comes next, counted from 0. */
  begin(phase: number): void {
    this.#phase = phase;
    this.#earlier = [...this.#earlier, ...this.#current];
    this.#current = [];
  }

  async fitStart({ history, epoch, batch }: FitState): Promise<void> {
    this.#trained ||= epoch > 0 || batch > 0;
    this.#current = history.map((result) => this.#numbered(result));
    for (const result of this.#current) if (this.#improves(result)) this.#best = { result, state: undefined };
    await this.#writeResults();
  }

  async batchEnd(): Promise<void> {
    this.#trained = true;
    await this.#saveNowAndThen();
  }

  async epochEnd(_: FitState, result: EpochResult): Promise<void> {
    const numbered = this.#numbered(result);
    this.#current.push(numbered);
    await this.#orWarn(() => this.#writeResults());
    if (this.#improves(numbered)) this.#best = { result: numbered, state: await this.#learner.stateDict() };
    await this.#saveNowAndThen();
  }

  async fitEnd(_: FitState, error: unknown): Promise<void> {
    if (!this.#trained) return;
    const complete = error === undefined && this.#phase === this.#options.phases - 1;
    try {
      await this.#writeBest();
      const state = await this.#learner.stateDict();
      if (!complete) await this.#writeCheckpoint(await this.#learner.checkpoint());
      await this.#run.writeWeights("last", state, this.#options.card);
      await this.#writeResults();
      if (complete) await this.#run.removeCheckpoint();
    } catch (failure) {
      throw this.#withSafe(failure);
    }
  }

  async #saveNowAndThen(): Promise<void> {
    const pause = Math.max((this.#options.every ?? 120) * 1000, this.#pause);
    const start = performance.now();
    if (start - this.#savedAt < pause) return;
    const position = await this.#learner.checkpoint();
    await this.#orWarn(async () => {
      await this.#writeBest();
      await this.#writeCheckpoint(position);
    });
    this.#savedAt = performance.now();
    this.#pause = 20 * (this.#savedAt - start);
  }

  async #writeBest(): Promise<void> {
    if (!this.#best?.state) return;
    await this.#run.writeWeights("best", this.#best.state, this.#options.card);
    this.#best.state = undefined;
    this.#safe.set("best", `the weights of epoch ${this.#best.result.epoch}`);
  }

  async #writeCheckpoint({ position, weights, optimizer }: Position): Promise<void> {
    const { data } = this.#options;
    await this.#run.writeCheckpoint({ phase: this.#phase, earlier: this.#earlier, data, position, weights, optimizer });
    this.#safe.set("checkpoint", `the checkpoint of epoch ${this.first + position.epoch}, batch ${position.batch}`);
  }

  #writeResults(): Promise<void> {
    const columns = resultColumns(this.#learner.metrics.map(({ title }) => title));
    return this.#run.writeResults(columns, [...this.#earlier, ...this.#current].map(resultRow));
  }

  /** What cannot be saved now may be saved later: training goes on. */
  async #orWarn(save: () => Promise<void>): Promise<void> {
    try {
      await save();
    } catch (error) {
      if (!(error instanceof ResourceError)) throw error;
      this.#options.onWarning?.(`${error.message}; training goes on, and saving is tried again`);
    }
  }

  #withSafe(failure: unknown): unknown {
    if (!(failure instanceof ResourceError)) return failure;
    const safe =
      this.#safe.size === 0 ? "Nothing was saved before." : `Safe are ${[...this.#safe.values()].join(" and ")}.`;
    return new ResourceError(messageOf(failure), { hint: `${failure.hint ?? ""} ${safe}`.trim(), cause: failure });
  }

  #numbered(result: EpochResult): EpochResult {
    return { ...result, epoch: this.first + result.epoch };
  }

  #improves({ validation }: EpochResult): boolean {
    const { title, better } = this.#options.monitor;
    const [value, best] = [validation.metrics[title] ?? NaN, this.best?.validation.metrics[title] ?? NaN];
    if (Number.isNaN(best)) return true;
    return better === "higher" ? value > best : value < best;
  }
}
