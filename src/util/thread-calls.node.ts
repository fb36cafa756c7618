import type { Worker } from "node:worker_threads";
import { unpackError } from "./error-record.ts";
import { messageOf, ResourceError } from "./errors.ts";
import type { ThreadMethods, ThreadReply, ThreadRequest } from "./thread-protocol.ts";

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** Calls of the methods that a thread answers with `answerCalls`. An idle thread does not keep the process alive. */
export class ThreadCalls<Methods extends ThreadMethods<Methods>, Ready> {
  /** What the thread said when it was ready. */
  readonly ready: Ready;
  readonly #worker: Worker;
  readonly #name: string;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #ended: Error | undefined;

  private constructor(worker: Worker, name: string, ready: Ready) {
    this.ready = ready;
    this.#worker = worker;
    this.#name = name;
    worker.on("message", (reply: ThreadReply) => this.#settle(reply));
    worker.on("error", (error) => this.#end(died(name, error)));
    worker.on("messageerror", (error) => this.#end(died(name, error)));
    worker.on("exit", (code) => this.#end(exited(name, code)));
    worker.unref();
  }

  /**
   * Waits until a thread is ready. Throws what kept it from becoming ready, a ResourceError where it
   * died.
   * @param name what error messages call it.
   */
  static async start<Methods extends ThreadMethods<Methods>, Ready>(
    worker: Worker,
    name: string,
  ): Promise<ThreadCalls<Methods, Ready>> {
    const first = await new Promise<ThreadReply>((resolve, reject) => {
      worker.once("error", (error) => reject(died(name, error)));
      worker.once("exit", (code) => reject(exited(name, code)));
      worker.once("message", resolve);
    });
    // The thread says nothing else first, and what it is ready with is what its `answerCalls` was given.
    if (first.kind === "ready") return new ThreadCalls<Methods, Ready>(worker, name, first.value as Ready);
    await worker.terminate();
    throw first.kind === "failed" ? unpackError(first.error) : exited(name, 0);
  }

  /**
   * What a method gives, or throws; a ResourceError where the thread died or was ended.
   * @param moved memory blocks of the arguments that are moved to the thread instead of copied.
   */
  call<Name extends keyof Methods & string>(
    method: Name,
    args: Parameters<Methods[Name]>,
    moved: Iterable<ArrayBuffer> = [],
  ): ReturnType<Methods[Name]> {
    const answer = new Promise<never>((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      const request: ThreadRequest = { id: this.#calls++, method, args };
      this.#worker.postMessage(request, [...moved]);
      this.#waiting.set(request.id, { resolve, reject });
      this.#worker.ref();
    });
    return answer as unknown as ReturnType<Methods[Name]>;
  }

  /** Ends the thread; calls under way and all later ones fail, saying that it was `done`. */
  async end(done: "closed" | "released" = "released"): Promise<void> {
    this.#end(new ResourceError(`${this.#name}: it was ${done}`));
    await this.#worker.terminate();
  }

  #settle(reply: ThreadReply): void {
    if (reply.kind !== "result" && reply.kind !== "error") return;
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    // The thread's method of the name that was called gave this value.
    if (reply.kind === "result") waiting?.resolve(reply.value as never);
    else waiting?.reject(unpackError(reply.error));
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

const hint = "If memory ran out, use smaller pictures, smaller batches or fewer threads.";

function died(name: string, error: unknown): ResourceError {
  return new ResourceError(`${name}: its thread died: ${messageOf(error)}`, { hint, cause: error });
}

function exited(name: string, code: number): ResourceError {
  return new ResourceError(`${name}: its thread ended with code ${code}`, { hint });
}
