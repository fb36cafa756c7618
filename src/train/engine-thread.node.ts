import type { Worker } from "node:worker_threads";
import type { TensorData } from "../graph/dtype.ts";
import type { StateDict } from "../nn/state.ts";
import type { LoweredProgram } from "../onnx/lower.ts";
import type { Values } from "../runtime/runtime.ts";
import { unpackError } from "../util/error-record.ts";
import { messageOf, ResourceError, ShapeError } from "../util/errors.ts";
import { startWorker } from "../util/worker-entry.node.ts";
import type { EngineMethod, EngineReply, EngineSetup } from "./engine-protocol.node.ts";
import type { Engine, OptimizerState, StepSettings } from "./engine.ts";
import { buffersIn } from "../util/transfer.ts";

/** What runs the model, with which optimizer, and who is told of a fallback. */
export type EngineOptions = EngineSetup & {
  /** Told why, when the native engine does not load and WebAssembly runs instead. */
  readonly onFallback?: (reason: string) => void;
};

type Ready = EngineReply & { readonly kind: "ready" };

/**
 * Opens an engine in a thread of its own, so that the calling thread stays responsive while kernels run. Arrays passed
 * in `feeds` are moved there and are empty afterwards. An idle thread does not keep the process alive. Throws a
 * ConfigError when the backend asked for cannot load, a ResourceError when the thread dies, then and in every later
 * call.
 * @example const engine = await openEngine({ backend: "cpu", threads: 2 });
 */
export async function openEngine({ onFallback, ...setup }: EngineOptions = {}): Promise<Engine> {
  const { worker, ready } = await startThread(setup);
  if (ready.fallback) onFallback?.(ready.fallback);
  return new EngineThread(worker, ready, setup);
}

async function startThread(setup: EngineSetup): Promise<{ readonly worker: Worker; readonly ready: Ready }> {
  const worker = startWorker("engine.worker.node", import.meta.url, { workerData: setup });
  const ready = await new Promise<Ready>((resolve, reject) => {
    worker.once("error", (error) => reject(died(error)));
    worker.once("exit", (code) => reject(ended(code)));
    worker.once("message", (reply: EngineReply) => {
      if (reply.kind === "ready") resolve(reply);
      else
        reject(
          reply.kind === "failed" ? unpackError(reply.error) : new Error(`internal: engine said ${reply.kind} first`),
        );
    });
  });
  return { worker, ready };
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

class EngineThread implements Engine {
  readonly description: string;
  readonly target: Engine["target"];
  readonly #setup: EngineSetup;
  #worker: Worker;
  #averaging = false;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #ended: Error | undefined;

  constructor(worker: Worker, { description, target }: Ready, setup: EngineSetup) {
    this.description = description;
    this.target = target;
    this.#setup = setup;
    this.#worker = this.#listenTo(worker);
  }

  setState = (state: StateDict): Promise<void> => {
    this.#averaging = false;
    return this.#call("setState", [state]);
  };
  state = (which?: "trained" | "inferred"): Promise<StateDict> => this.#call("state", [which]);
  useAverages = (on: boolean): Promise<void> => {
    this.#averaging = on;
    return this.#call("useAverages", [on]);
  };
  adoptAverages = (): Promise<void> => {
    this.#averaging = false;
    return this.#call("adoptAverages", []);
  };
  optimizerState = (): Promise<OptimizerState> => this.#call("optimizerState", []);
  setOptimizerState = (state: OptimizerState): Promise<void> => {
    this.#averaging = false;
    return this.#call("setOptimizerState", [state]);
  };
  define = (name: string, program: LoweredProgram): Promise<void> => this.#call("define", [name, program]);
  release = (name: string): Promise<void> => this.#call("release", [name]);
  step = (name: string, feeds: Values, settings: StepSettings): Promise<Record<string, TensorData>> =>
    this.#run("step", feeds, [name, feeds, settings]);
  infer = (name: string, feeds: Values): Promise<Record<string, TensorData>> =>
    this.#run("infer", feeds, [name, feeds]);

  /** A run that fails in WebAssembly keeps its memory for good: all that the thread holds moves to a new one. */
  async recover(): Promise<void> {
    if (this.target.name !== "wasm") return;
    const [state, optimizer, averaging] = [await this.state(), await this.optimizerState(), this.#averaging];
    const old = this.#worker;
    old.removeAllListeners();
    await old.terminate();
    this.#worker = this.#listenTo((await startThread(this.#setup)).worker);
    await this.setState(state);
    await this.setOptimizerState(optimizer);
    await this.useAverages(averaging);
  }

  /** Waits for the calls under way, then ends the thread; a thread that is dead already is no error. */
  async close(): Promise<void> {
    if (!this.#ended) await this.#call("close", []).catch(() => {});
    this.#end(new ResourceError("engine: it was closed"));
    await this.#worker.terminate();
  }

  /** A call that moves its feeds. One that was moved before would never arrive. */
  async #run(method: EngineMethod, feeds: Values, args: readonly unknown[]): Promise<never> {
    for (const [name, { length }] of Object.entries(feeds))
      if (length === 0)
        throw new ShapeError(`engine: expected values for input ${name}, but its array is empty`, {
          hint: "Arrays given to an engine are moved to its thread: give it a copy to use them again.",
        });
    return this.#call(method, args, buffersIn(feeds));
  }

  #call(method: EngineMethod, args: readonly unknown[], moved: Iterable<ArrayBuffer> = []): Promise<never> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const id = this.#calls++;
      this.#worker.postMessage({ id, method, args }, [...moved]);
      this.#waiting.set(id, { resolve, reject });
      this.#worker.ref();
    });
  }

  #listenTo(worker: Worker): Worker {
    worker.on("message", (reply: EngineReply) => this.#settle(reply));
    worker.on("error", (error) => this.#end(died(error)));
    worker.on("messageerror", (error) => this.#end(died(error)));
    worker.on("exit", (code) => this.#end(ended(code)));
    worker.unref();
    return worker;
  }

  #settle(reply: EngineReply): void {
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

const hint = "If memory ran out, use smaller pictures or smaller batches.";

function died(error: unknown): ResourceError {
  return new ResourceError(`engine: the training thread died: ${messageOf(error)}`, { hint, cause: error });
}

function ended(code: number): ResourceError {
  return new ResourceError(`engine: the training thread ended with code ${code}`, { hint });
}
