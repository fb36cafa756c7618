import { ResourceError } from "../util/errors.ts";
import type { Callback, EpochResult, FitState } from "./callback.ts";
import type { RunFolder } from "./run-folder.node.ts";
import type { RunRecord } from "./run-record.ts";

/** What is known of a run before its first batch. */
export type RunFacts = Omit<RunRecord, "format" | "steps" | "epochs">;

/** No more steps than this are kept: of a longer run every second one, every fourth … */
const mostSteps = 4000;

/**
 * Keeps run.json of a run folder: the facts, and what every step and epoch did. What cannot be written is a warning, for
 * training does not depend on it.
 */
export class RecordRun implements Callback {
  readonly order = 99;
  /** Epochs of the run before the fit that is under way. */
  first = 0;
  readonly #run: RunFolder;
  readonly #record: RunRecord;
  readonly #onWarning: ((message: string) => void) | undefined;
  #every = 1;
  #warned = false;
  #writing: Promise<void> = Promise.resolve();

  private constructor(run: RunFolder, record: RunRecord, onWarning?: (message: string) => void) {
    this.#run = run;
    this.#record = record;
    this.#onWarning = onWarning;
  }

  /** Begins the record of a run, or goes on with that of an interrupted one. */
  static async begin(run: RunFolder, facts: RunFacts, onWarning?: (message: string) => void): Promise<RecordRun> {
    const before = await run.readRecord();
    const empty = { steps: { batch: [], loss: [], lr: [], momentum: [] }, epochs: [] };
    const record = { format: 1 as const, ...facts, ...(before ?? empty) };
    const recorder = new RecordRun(run, { ...record, versions: facts.versions, machine: facts.machine }, onWarning);
    await recorder.write();
    return recorder;
  }

  /** Forgets what came after the place where an interrupted run goes on. */
  fitStart({ epoch, batch, batches }: FitState): void {
    const { steps, epochs } = this.#record;
    const from = this.#position({ epoch, batch, batches });
    const kept = steps.batch.filter((at) => at < from).length;
    for (const values of Object.values(steps)) values.length = kept;
    this.#record.epochs = epochs.filter((each) => each.epoch < this.first + epoch);
    this.#every = Math.max(1, ...steps.batch.slice(1, 2));
  }

  batchEnd({ epoch, batch, batches, smoothLoss, lr, momentum }: FitState): void {
    const { steps } = this.#record;
    const at = this.#position({ epoch, batch, batches });
    if (at % this.#every !== 0 || !Number.isFinite(smoothLoss)) return;
    steps.batch.push(at);
    steps.loss.push(short(smoothLoss));
    steps.lr.push(short(lr.at(-1) ?? 0));
    steps.momentum.push(short(momentum));
    if (steps.batch.length > mostSteps) this.#thin();
  }

  async epochEnd({ batches, batchSize }: FitState, { epoch, seconds }: EpochResult): Promise<void> {
    const pictures = batches * batchSize;
    this.#record.epochs.push({ epoch: this.first + epoch, batches, pictures, seconds: short(seconds) });
    await this.write();
  }

  async fitEnd(): Promise<void> {
    await this.write();
  }

  /** Writes what there is so far, after what is being written. */
  write(): Promise<void> {
    this.#writing = this.#writing.catch(() => {}).then(() => this.#writeNow());
    return this.#writing;
  }

  /** Batches of the run before this one. */
  #position({ epoch, batch, batches }: Pick<FitState, "epoch" | "batch" | "batches">): number {
    return (this.first + epoch) * batches + batch;
  }

  #thin(): void {
    const { steps } = this.#record;
    this.#every *= 2;
    const kept = steps.batch.map((at) => at % this.#every === 0);
    for (const values of Object.values(steps)) values.splice(0, Infinity, ...values.filter((_, i) => kept[i]));
  }

  async #writeNow(): Promise<void> {
    try {
      await this.#run.writeRecord(this.#record);
    } catch (error) {
      if (!(error instanceof ResourceError)) throw error;
      if (!this.#warned) this.#onWarning?.(`${error.message}; training goes on`);
      this.#warned = true;
    }
  }
}

/** A number with six digits. */
function short(value: number): number {
  return Number(value.toPrecision(6));
}
