import type { Worker } from "node:worker_threads";
import { ResourceError, messageOf } from "../util/errors.ts";
import type { Batch } from "./batch.ts";
import { unpackError } from "../util/error-record.ts";
import type { BatchRequest, BatchSource, WorkerRequest, WorkerResult } from "./loader-protocol.ts";
import { startWorker } from "../util/worker-entry.node.ts";

/** A batch on its way. */
export interface PendingBatch {
  readonly batch: Promise<Batch>;
  /** Says that nobody waits for it any more; `batch` is settled soon after. */
  cancel(): void;
}

interface Answer {
  resolve(batch: Batch): void;
  reject(error: unknown): void;
}

/** Threads that decode batches. They start with the first request and do not keep the process alive when idle. */
export class BatchPool {
  readonly #source: BatchSource;
  readonly #size: number;
  #threads: BatchThread[] = [];
  #tasks = 0;

  constructor(source: BatchSource, size: number) {
    this.#source = source;
    this.#size = size;
  }

  /** Asks the least busy thread for a batch. Threads that died are replaced. */
  load(request: BatchRequest): PendingBatch {
    this.#threads = this.#threads.filter((thread) => thread.alive);
    while (this.#threads.length < this.#size) this.#threads.push(new BatchThread(this.#source));
    const thread = this.#threads.reduce((a, b) => (b.waiting < a.waiting ? b : a));
    const id = this.#tasks++;
    const batch = thread.load(id, request);
    batch.catch(() => {}); // the consumer may leave before it looks at this batch
    return { batch, cancel: () => thread.cancel(id) };
  }

  /** Ends all threads; batches on their way are rejected. */
  async close(): Promise<void> {
    const threads = this.#threads;
    this.#threads = [];
    await Promise.all(threads.map((thread) => thread.close()));
  }
}

class BatchThread {
  readonly #worker: Worker;
  readonly #answers = new Map<number, Answer>();
  #alive = true;

  constructor(source: BatchSource) {
    this.#worker = startWorker("loader.worker.node", import.meta.url, { workerData: source });
    this.#worker.unref();
    this.#worker.on("message", (result: WorkerResult) => this.#settle(result));
    this.#worker.on("error", (error) => this.#die(`failed: ${messageOf(error)}`, error));
    this.#worker.on("exit", (code) => this.#die(`ended with code ${code}`));
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** How many batches it has yet to make. */
  get waiting(): number {
    return this.#answers.size;
  }

  load(id: number, request: BatchRequest): Promise<Batch> {
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#worker.ref();
      this.#post({ id, ...request });
    });
  }

  cancel(id: number): void {
    if (this.#answers.has(id)) this.#post({ cancel: id });
  }

  async close(): Promise<void> {
    this.#die("was closed");
    await this.#worker.terminate();
  }

  #post(request: WorkerRequest): void {
    this.#worker.postMessage(request);
  }

  #settle(result: WorkerResult): void {
    const answer = this.#answers.get(result.id);
    this.#answers.delete(result.id);
    if (this.#answers.size === 0) this.#worker.unref();
    if ("batch" in result) answer?.resolve(result.batch);
    else answer?.reject(unpackError(result.error));
  }

  #die(reason: string, cause?: unknown): void {
    this.#alive = false;
    for (const answer of this.#answers.values()) {
      answer.reject(
        new ResourceError(`data: a decoding thread ${reason}`, {
          hint: "If memory ran out, use fewer workers or smaller pictures.",
          cause,
        }),
      );
    }
    this.#answers.clear();
  }
}
