import type { Worker } from "node:worker_threads";
import { ResourceError, messageOf } from "../util/errors.ts";
import { unpackError } from "../util/error-record.ts";
import type { BatchRequest, BatchSource, LoadedBatch, WorkerRequest, WorkerResult } from "./loader-protocol.ts";
import { startWorker } from "../util/worker-entry.node.ts";

/** A batch on its way. */
export interface PendingBatch {
  readonly batch: Promise<LoadedBatch>;
  /** Says that nobody waits for it any more; `batch` is settled soon after. */
  cancel(): void;
}

interface Answer {
  resolve(batch: LoadedBatch): void;
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

  /** Asks for a batch. A thread that dies is replaced, and what it had to make is asked for once more. */
  load(request: BatchRequest): PendingBatch {
    let asked = this.#ask(request);
    let cancelled = false;
    const batch = asked.batch.catch((error: unknown) => {
      if (!(error instanceof ThreadDied) || cancelled) throw error;
      asked = this.#ask(request);
      return asked.batch;
    });
    batch.catch(() => {}); // the consumer may leave before it looks at this batch
    const cancel = (): void => {
      cancelled = true;
      asked.cancel();
    };
    return { batch, cancel };
  }

  /** Asks the least busy thread. */
  #ask(request: BatchRequest): PendingBatch {
    this.#threads = this.#threads.filter((thread) => thread.alive);
    while (this.#threads.length < this.#size) this.#threads.push(new BatchThread(this.#source));
    const thread = this.#threads.reduce((a, b) => (b.waiting < a.waiting ? b : a));
    const id = this.#tasks++;
    return { batch: thread.load(id, request), cancel: () => thread.cancel(id) };
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

  load(id: number, request: BatchRequest): Promise<LoadedBatch> {
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
    this.#end(new ResourceError("data: a decoding thread was closed"));
    await this.#worker.terminate();
  }

  #post(request: WorkerRequest): void {
    this.#worker.postMessage(request);
  }

  #settle(result: WorkerResult): void {
    const answer = this.#answers.get(result.id);
    this.#answers.delete(result.id);
    if (this.#answers.size === 0) this.#worker.unref();
    if ("batch" in result) answer?.resolve(result);
    else answer?.reject(unpackError(result.error));
  }

  #die(reason: string, cause?: unknown): void {
    this.#end(
      new ThreadDied(`data: a decoding thread ${reason}`, {
        hint: "If memory ran out, use fewer workers or smaller pictures.",
        cause,
      }),
    );
  }

  #end(error: Error): void {
    this.#alive = false;
    for (const answer of this.#answers.values()) answer.reject(error);
    this.#answers.clear();
  }
}

/** A thread ended by itself, and what it was asked for with it. */
class ThreadDied extends ResourceError {}
