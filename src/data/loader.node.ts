import { availableParallelism } from "node:os";
import { ConfigError, DataError } from "../util/errors.ts";
import type { BadPicture, BadPictures } from "./bad-pictures.ts";
import { BatchPool } from "./batch-pool.node.ts";
import type { PendingBatch } from "./batch-pool.node.ts";
import type { Batch } from "./batch.ts";
import { maxClasses } from "./codes.ts";
import type { Picture, ReadOptions } from "./dataset.ts";
import { type BatchOrder, batchesOf, epochOrder } from "./epoch-order.ts";
import { requestOf } from "./epoch-requests.ts";
import { loadBatch } from "./load-batch.node.ts";
import type { BatchRequest, BatchSource } from "./loader-protocol.ts";
import { checkSampleSpec } from "./transforms/check.ts";
import { RowSampler } from "./kernels/row-sampler.ts";
import { ResizePlans } from "./transforms/render.ts";
import type { SampleSpec } from "./transforms/sample.ts";

export interface DataLoaderOptions {
  readonly batchSize: number;
  readonly spec: SampleSpec;
  /** How files become pictures and masks; as they are stored where left out. */
  readonly read?: ReadOptions;
  /** Whether every epoch has its own order; false where left out. */
  readonly shuffle?: boolean;
  /** Whether a last batch of fewer samples is left out; false where left out. */
  readonly dropLast?: boolean;
  /** Decides order and transforms; 0 where left out. */
  readonly seed?: number;
  /** Decoding threads; 0 decodes in the calling thread. 2, or 1 on a single core, where left out. */
  readonly workers?: number;
  /** How many batches are made ahead of the one in use; one more than workers where left out. */
  readonly prefetch?: number;
  /** How many class ids there are: an id in a mask that is not below is an error. 256 where left out. */
  readonly classes?: number;
  /** Whether SIMD code samples pictures where the platform has it; true where left out. */
  readonly simd?: boolean;
  /**
   * Keeps the pictures that cannot be read, which are left out; where the order is shuffled, others of the epoch take their
   * places. Without it, the first one is an error.
   */
  readonly bad?: BadPictures | undefined;
}

export interface BatchesOptions {
  /** The batch to begin with, to continue an epoch; 0 where left out. */
  readonly from?: number;
  /** Ends the iteration by throwing the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Batches of items, decoded in threads ahead of their use. The same items, seed and epoch give the same bytes, however
 * many workers there are.
 */
export class DataLoader {
  readonly batchSize: number;
  readonly #source: BatchSource;
  readonly #order: BatchOrder;
  readonly #bad: BadPictures | undefined;
  readonly #ahead: number;
  readonly #pool: BatchPool | null;
  readonly #plans: ResizePlans;

  /**
   * @param items pictures with masks, or without: their masks are zeros then.
   * @throws ConfigError for a batch size, number of workers or prefetch that is none, a size or transforms that cannot
   * be, or no whole batch.
   */
  constructor(items: readonly Picture[], options: DataLoaderOptions) {
    const { batchSize, spec, seed = 0, classes = maxClasses, shuffle = false, dropLast = false } = options;
    const { read = {}, simd = true } = options;
    const workers = options.workers ?? Math.min(availableParallelism(), 2);
    const prefetch = options.prefetch ?? workers + 1;
    requireInteger("batchSize", batchSize, 1);
    requireInteger("workers", workers, 0);
    requireInteger("prefetch", prefetch, 0);
    checkSampleSpec(spec);
    this.batchSize = batchSize;
    this.#source = { items, read, spec, seed, classes, simd };
    this.#plans = new ResizePlans(simd && workers === 0 ? RowSampler.create() : null);
    this.#order = { samples: items.length, batchSize, shuffle, dropLast, seed };
    this.#bad = options.bad;
    this.#ahead = workers === 0 ? 0 : prefetch;
    this.#pool = workers === 0 ? null : new BatchPool(this.#source, workers);
    if (this.length === 0) {
      throw new ConfigError(`loader: ${items.length} samples do not fill one batch of ${batchSize}`, {
        hint: items.length === 0 ? "Give at least one item." : `Use a batch size of at most ${items.length}.`,
      });
    }
  }

  /** Batches per epoch. */
  get length(): number {
    return batchesOf(this.#order);
  }

  /** The positions of the items in the order of an epoch, batch by batch. */
  order(epoch: number): readonly (readonly number[])[] {
    return epochOrder(this.#order, epoch);
  }

  /**
   * The batches of one epoch, in order. Leaving the loop early stops what is under way.
   * @throws the error of a batch when its turn comes, DataError where too many pictures are bad, ResourceError if a thread
   * died twice at a batch, the reason of `signal`.
   */
  async *batches(epoch: number, { from = 0, signal }: BatchesOptions = {}): AsyncGenerator<Batch, void, void> {
    const order = this.order(epoch);
    const { items } = this.#source;
    const kept = { items, bad: this.#bad, fills: this.#order.shuffle };
    const pending: PendingBatch[] = [];
    let next = from;
    const fill = (count: number) => {
      while (pending.length < count && next < order.length)
        pending.push(this.#load(requestOf(epoch, order, next++, kept)));
    };
    try {
      for (fill(Math.max(this.#ahead, 1)); pending.length > 0; fill(Math.max(this.#ahead, 1))) {
        signal?.throwIfAborted();
        const { batch, bad } = await orAborted(pending[0]!.batch, signal);
        pending.shift();
        for (const picture of bad) this.#bad?.add(picture);
        fill(this.#ahead);
        if (batch.n > 0) yield batch;
        else if (kept.fills) throw noPicture(bad);
      }
    } finally {
      for (const each of pending) each.cancel();
      await Promise.allSettled(pending.map((each) => each.batch));
    }
  }

  /** Ends the decoding threads. The loader can be used again; threads then start anew. */
  async close(): Promise<void> {
    await this.#pool?.close();
  }

  #load(request: BatchRequest): PendingBatch {
    if (this.#pool !== null) return this.#pool.load(request);
    let cancelled = false;
    const batch = loadBatch(this.#source, request, this.#plans, () => cancelled);
    return { batch, cancel: () => (cancelled = true) };
  }
}

/** `work`, or a rejection with the signal's reason as soon as it is aborted. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function noPicture(bad: readonly BadPicture[]): DataError {
  return new DataError(`data: no picture of a batch can be read, such as: ${bad[0]?.reason}`, {
    hint: "Put the pictures back where they were.",
  });
}

function requireInteger(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new ConfigError(`loader: ${name}: expected a whole number of at least ${least}, but received ${value}`);
}
