import type { ModelCard } from "../inference/card.ts";
import type { Metric } from "../metrics/metric.ts";
import type { StateDict } from "../nn/state.ts";
import { Background } from "../util/background.ts";
import { DivergedError, messageOf, ResourceError } from "../util/errors.ts";
import type { BestEpoch } from "./best-epoch.ts";
import type { Callback, EpochResult, FitState } from "./callback.ts";
import type { Learner } from "./learner.ts";
import { requireFinite } from "./require-finite.node.ts";
import { resultColumns, resultRow } from "./results.ts";
import type { RunFolder } from "./run-folder.node.ts";

export interface SaveRunOptions {
  readonly card: ModelCard;
  /** The metric that decides which epoch is best. */
  readonly monitor: Metric;
  /** How many fits the run has, one after the other. */
  readonly phases: number;
  /** A fingerprint of the data, and the run's seed, kept in the checkpoints. */
  readonly data: string;
  readonly seed: number;
  /** The epochs that an interrupted run had finished in earlier fits. */
  readonly earlier?: readonly EpochResult[];
  /** The epoch that its best weights are of. */
  readonly best?: BestEpoch | undefined;
  /** Seconds after which a checkpoint is due in the middle of an epoch; default 120. */
  readonly every?: number;
  /** What else is written before every checkpoint. */
  readonly along?: () => Promise<void>;
  /** Told when something could not be saved in the middle of a fit, which goes on. */
  readonly onWarning?: (message: string) => void;
}

/** The part of a learner that is saved. */
export type SavedLearner = Pick<Learner, "metrics" | "stateDict" | "checkpoint">;

type Position = Awaited<ReturnType<Learner["checkpoint"]>>;

/** At most one part in so many of the time goes into checkpoints. */
const share = 11;

/**
 * Keeps a run on disk: results.csv after every epoch; the best weights and a checkpoint before the first batch, after every
 * epoch, now and then, and when a fit ends; the last weights when it does. Training goes on while they are written: it waits
 * for a copy in memory only. Of a fit that diverged, nothing newer is kept.
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
  /** The best epoch, and its weights while they are not on disk. */
  #best: BestEpoch | undefined;
  #unsaved: { readonly state: StateDict; readonly best: BestEpoch } | undefined;
  #phase = 0;
  #trained: boolean;
  readonly #background = new Background();
  /** Whether a checkpoint waits for the one before it. */
  #due = false;
  #savedAt = performance.now();
  #notBefore = 0;
  readonly #safe = new Map<string, string>();

  constructor(learner: SavedLearner, run: RunFolder, options: SaveRunOptions) {
    this.#learner = learner;
    this.#run = run;
    this.#options = options;
    this.#earlier = options.earlier ?? [];
    this.#best = options.best;
    this.#trained = this.#earlier.length > 0;
    if (options.best) this.#bestIsSafe(options.best);
  }

  /** The best epoch so far, counted through the run. */
  get best(): BestEpoch | undefined {
    return this.#best;
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

  /** Says which of the run's fits comes next, counted from 0, and what those before it came to. */
  begin(phase: number, earlier: readonly EpochResult[] = [...this.#earlier, ...this.#current]): void {
    this.#phase = phase;
    this.#earlier = earlier;
    this.#current = [];
  }

  async fitStart({ history, epoch, batch }: FitState): Promise<void> {
    this.#trained ||= epoch > 0 || batch > 0;
    this.#current = history.map((result) => this.#numbered(result));
    await this.#writeResults();
    const newest = await this.#run.checkpoints.newest();
    if (newest) this.#checkpointIsSafe(newest);
    else await this.#save();
  }

  async batchEnd(): Promise<void> {
    this.#trained = true;
    this.#background.throwFailure();
    if (this.#due || performance.now() - this.#savedAt >= (this.#options.every ?? 120) * 1000) await this.#save();
  }

  async epochEnd(_: FitState, result: EpochResult): Promise<void> {
    const numbered = this.#numbered(result);
    this.#current.push(numbered);
    await this.#orWarn(() => this.#writeResults());
    if (this.#improves(numbered)) {
      const { loss, metrics } = numbered.validation;
      this.#best = { epoch: numbered.epoch, loss, metrics };
      this.#unsaved = { state: await this.#learner.stateDict(), best: this.#best };
    }
    await this.#save();
  }

  async fitEnd(_: FitState, error: unknown): Promise<void> {
    try {
      await this.#background.settled();
      if (this.#trained) await this.#saveEnd(error);
    } catch (failure) {
      throw this.#withSafe(failure);
    }
  }

  async #saveEnd(error: unknown): Promise<void> {
    const complete = error === undefined && this.#phase === this.#options.phases - 1;
    await this.#writeBest();
    if (error instanceof DivergedError) return this.#writeResults();
    if (!complete) await this.#writeCheckpoint(await this.#learner.checkpoint());
    const state = await this.#learner.stateDict();
    await requireFinite(state);
    await this.#run.writeWeights("last", state, this.#options.card);
    await this.#writeResults();
  }

  /** Copies what there is now and begins to write it, unless the last writing is not done or took so long that this one waits. */
  async #save(): Promise<void> {
    this.#background.throwFailure();
    this.#due = true;
    const start = performance.now();
    if (this.#background.busy || start < this.#notBefore) return;
    this.#due = false;
    this.#savedAt = start;
    const position = await this.#learner.checkpoint();
    this.#background.begin(async () => {
      await this.#orWarn(async () => {
        await this.#writeBest();
        await this.#options.along?.();
        await this.#writeCheckpoint(position);
      });
      this.#notBefore = start + share * (performance.now() - start);
    });
  }

  async #writeBest(): Promise<void> {
    const unsaved = this.#unsaved;
    if (!unsaved) return;
    await this.#run.writeWeights("best", unsaved.state, this.#options.card, unsaved.best);
    if (this.#unsaved === unsaved) this.#unsaved = undefined;
    this.#bestIsSafe(unsaved.best);
  }

  async #writeCheckpoint({ position, weights, optimizer }: Position): Promise<void> {
    const { data, seed } = this.#options;
    const place = { phase: this.#phase, earlier: this.#earlier, data, seed };
    this.#checkpointIsSafe(await this.#run.checkpoints.write({ ...place, position, weights, optimizer }));
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

  #checkpointIsSafe({
    epoch,
    batch,
    file,
  }: {
    readonly epoch: number;
    readonly batch: number;
    readonly file: string;
  }): void {
    this.#safe.set("checkpoint", `the checkpoint of epoch ${epoch}, batch ${batch} (checkpoints/${file})`);
  }

  #bestIsSafe({ epoch }: BestEpoch): void {
    this.#safe.set("best", `the weights of epoch ${epoch} (weights/best.safetensors)`);
  }

  /** The newest checkpoint on disk, in words; undefined before it is known. */
  get newest(): string | undefined {
    return this.#safe.get("checkpoint");
  }

  /** What of the run is on disk, in words. */
  get safe(): string {
    if (this.#safe.size === 0) return "Nothing was saved before.";
    return `Safe in ${this.#run.path}: ${[...this.#safe.values()].join(" and ")}.`;
  }

  #withSafe(failure: unknown): unknown {
    if (!(failure instanceof ResourceError)) return failure;
    return new ResourceError(messageOf(failure), { hint: `${failure.hint ?? ""} ${this.safe}`.trim(), cause: failure });
  }

  #numbered(result: EpochResult): EpochResult {
    return { ...result, epoch: this.first + result.epoch };
  }

  #improves({ validation }: EpochResult): boolean {
    const { title, better } = this.#options.monitor;
    const [value, best] = [validation.metrics[title] ?? NaN, this.#best?.metrics[title] ?? NaN];
    if (Number.isNaN(best)) return true;
    return better === "higher" ? value > best : value < best;
  }
}
