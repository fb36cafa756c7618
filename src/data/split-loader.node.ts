import { ConfigError } from "../util/errors.ts";
import type { Batch } from "./batch.ts";
import type { Picture } from "./dataset.ts";
import type { BatchLoader } from "./databunch.ts";
import { type BatchesOptions, DataLoader, type DataLoaderOptions } from "./loader.node.ts";
import type { ChannelStats } from "./transforms/normalize.ts";

/** One loader of a DataBunch: may be empty, and takes other statistics until its first batch. */
export class SplitLoader implements BatchLoader {
  readonly #items: readonly Picture[];
  #options: DataLoaderOptions;
  #loader: DataLoader | null;
  #used = false;

  constructor(items: readonly Picture[], options: DataLoaderOptions) {
    this.#items = items;
    this.#options = options;
    this.#loader = this.#open();
  }

  get batchSize(): number {
    return this.#options.batchSize;
  }

  get length(): number {
    return this.#loader?.length ?? 0;
  }

  async *batches(epoch: number, options: BatchesOptions = {}): AsyncGenerator<Batch, void, void> {
    this.#used = true;
    if (this.#loader) yield* this.#loader.batches(epoch, options);
  }

  /** The first batch of the first epoch, made in the calling thread. Throws a ConfigError when there is none. */
  async first(stats: ChannelStats = this.#options.spec.stats): Promise<Batch> {
    const spec = { ...this.#options.spec, stats };
    const loader = new DataLoader(this.#items, { ...this.#options, spec, workers: 0 });
    for await (const batch of loader.batches(0)) return batch;
    throw new ConfigError("data: there is no batch");
  }

  /** Throws a ConfigError after the first batch. */
  requireUnused(): void {
    if (!this.#used) return;
    throw new ConfigError("normalize: batches were made already", { hint: "Call normalize right after databunch." });
  }

  setStats(stats: ChannelStats): void {
    this.#options = { ...this.#options, spec: { ...this.#options.spec, stats } };
    this.#loader = this.#open();
  }

  async close(): Promise<void> {
    await this.#loader?.close();
  }

  #open(): DataLoader | null {
    return this.#items.length === 0 ? null : new DataLoader(this.#items, this.#options);
  }
}
