import type { ModelCard } from "../inference/card.ts";
import type { Metric } from "../metrics/metric.ts";
import type { StateDict } from "../nn/state.ts";
import type { Callback, EpochResult, FitState } from "./callback.ts";
import type { Learner } from "./learner.ts";
import { resultColumns, resultRow } from "./results.ts";
import type { RunFolder } from "./run-folder.node.ts";

export interface SaveRunOptions {
  readonly card: ModelCard;
  /** The metric that decides which epoch is best. */
  readonly monitor: Metric;
  /** Least time between two checkpoints in the middle of a fit, in seconds; default 60. */
  readonly every?: number;
  /** The rows of results.csv that an interrupted run had already. */
  readonly rows?: readonly (readonly string[])[];
}

/**
 * Keeps a run on disk: results.csv after every epoch, weights and a checkpoint at intervals and however a fit ends.
 * The best weights so far stay in memory between two checkpoints.
 */
export class SaveRun implements Callback {
  /** Which of the run's fits is under way, counted from 0. */
  phase = 0;
  readonly #learner: Learner;
  readonly #run: RunFolder;
  readonly #options: SaveRunOptions;
  readonly #rows: (readonly string[])[];
  #best: { result: EpochResult; state: StateDict | undefined } | undefined;
  #saved = performance.now();

  constructor(learner: Learner, run: RunFolder, options: SaveRunOptions) {
    this.#learner = learner;
    this.#run = run;
    this.#options = options;
    this.#rows = [...(options.rows ?? [])];
  }

  /** The best epoch so far. */
  get best(): EpochResult | undefined {
    return this.#best?.result;
  }

  async fitStart({ history }: FitState): Promise<void> {
    for (const result of history) if (this.#improves(result)) this.#best = { result, state: undefined };
    await this.#run.startResults(resultColumns(this.#learner.metrics.map(({ title }) => title)), this.#rows);
  }

  async epochEnd(_: FitState, result: EpochResult): Promise<void> {
    this.#rows.push(resultRow(result));
    await this.#run.appendResult(resultRow(result));
    if (this.#improves(result)) this.#best = { result, state: await this.#learner.stateDict() };
    if (performance.now() - this.#saved >= (this.#options.every ?? 60) * 1000) await this.save();
  }

  async fitEnd(): Promise<void> {
    await this.save();
  }

  /** Writes the last weights, the best ones and the checkpoint. */
  async save(): Promise<void> {
    const { card } = this.#options;
    const checkpoint = await this.#learner.checkpoint();
    await this.#run.writeWeights("last", await this.#learner.stateDict(), card);
    if (this.#best?.state) {
      await this.#run.writeWeights("best", this.#best.state, card);
      this.#best.state = undefined;
    }
    await this.#run.writeCheckpoint({ ...checkpoint, phase: this.phase, rows: this.#rows });
    this.#saved = performance.now();
  }

  #improves({ validation }: EpochResult): boolean {
    const { title, better } = this.#options.monitor;
    const [value, best] = [validation.metrics[title] ?? NaN, this.best?.validation.metrics[title] ?? NaN];
    if (Number.isNaN(best)) return true;
    return better === "higher" ? value > best : value < best;
  }
}
