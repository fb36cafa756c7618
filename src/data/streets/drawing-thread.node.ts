import type { Worker } from "node:worker_threads";
import { messageOf, ResourceError } from "../../util/errors.ts";
import { unpackError } from "../../util/error-record.ts";
import type { ErrorRecord } from "../../util/error-record.ts";
import { startWorker } from "../../util/worker-entry.node.ts";
import type { StreetTask } from "./write-street.node.ts";

/** What the thread answers to a task. */
export type StreetAnswer = { readonly error?: ErrorRecord };

/** A thread that draws and writes one street at a time. */
export class DrawingThread {
  readonly #worker: Worker;
  #settle: ((error?: unknown) => void) | undefined;
  #ended: unknown;

  constructor() {
    this.#worker = startWorker("streets.worker.node", import.meta.url);
    this.#worker.on("message", ({ error }: StreetAnswer) => this.#settle?.(error && unpackError(error)));
    this.#worker.on("error", (error) => this.#end(`failed: ${messageOf(error)}`, error));
    this.#worker.on("exit", (code) => this.#end(`ended with code ${code}`));
  }

  /** Resolves when the street is written; throws what `writeStreet` throws, and ResourceError if the thread died. */
  async write(task: StreetTask): Promise<void> {
    if (this.#ended !== undefined) throw this.#ended;
    await new Promise<void>((resolve, reject) => {
      this.#settle = (error) => (error === undefined ? resolve() : reject(error));
      this.#worker.postMessage(task);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #end(reason: string, cause?: unknown): void {
    this.#ended ??= new ResourceError(`streets: a drawing thread ${reason}`, {
      hint: "If memory ran out, draw smaller pictures or use fewer threads.",
      cause,
    });
    this.#settle?.(this.#ended);
  }
}
