import type { TensorData } from "../graph/dtype.ts";
import type { StateDict } from "../nn/state.ts";
import type { LoweredProgram } from "../onnx/lower.ts";
import type { Values } from "../runtime/runtime.ts";
import { ShapeError } from "../util/errors.ts";
import { ThreadCalls } from "../util/thread-calls.node.ts";
import { buffersIn } from "../util/transfer.ts";
import { startWorker } from "../util/worker-entry.node.ts";
import type { EngineMethods, EngineReady, EngineSetup } from "./engine-protocol.node.ts";
import type { Engine, OptimizerState, StepSettings } from "./engine.ts";

/** What runs the model, with which optimizer, and who is told of a fallback. */
export type EngineOptions = EngineSetup & {
  /** Told why, when the native engine does not load and WebAssembly runs instead. */
  readonly onFallback?: (reason: string) => void;
};

/**
 * Opens an engine in a thread of its own, so that the calling thread stays responsive while kernels run. Arrays passed
 * in `feeds` are moved there and are empty afterwards. An idle thread does not keep the process alive. Throws a
 * ConfigError when the backend asked for cannot load, a ResourceError when the thread dies, then and in every later
 * call.
 * @example const engine = await openEngine({ backend: "cpu", threads: 2 });
 */
export async function openEngine({ onFallback, ...setup }: EngineOptions = {}): Promise<Engine> {
  const calls = await startThread(setup);
  if (calls.ready.fallback) onFallback?.(calls.ready.fallback);
  return new EngineThread(calls, setup);
}

type Calls = ThreadCalls<EngineMethods, EngineReady>;

function startThread(setup: EngineSetup): Promise<Calls> {
  const worker = startWorker("engine.worker.node", import.meta.url, { workerData: setup });
  return ThreadCalls.start<EngineMethods, EngineReady>(worker, "engine");
}

class EngineThread implements Engine {
  readonly description: string;
  readonly target: Engine["target"];
  readonly #setup: EngineSetup;
  #calls: Calls;
  #averaging = false;

  constructor(calls: Calls, setup: EngineSetup) {
    this.description = calls.ready.description;
    this.target = calls.ready.target;
    this.#setup = setup;
    this.#calls = calls;
  }

  setState = (state: StateDict): Promise<void> => {
    this.#averaging = false;
    return this.#calls.call("setState", [state]);
  };
  state = (which?: "trained" | "inferred"): Promise<StateDict> => this.#calls.call("state", [which]);
  useAverages = (on: boolean): Promise<void> => {
    this.#averaging = on;
    return this.#calls.call("useAverages", [on]);
  };
  adoptAverages = (): Promise<void> => {
    this.#averaging = false;
    return this.#calls.call("adoptAverages", []);
  };
  optimizerState = (): Promise<OptimizerState> => this.#calls.call("optimizerState", []);
  setOptimizerState = (state: OptimizerState): Promise<void> => {
    this.#averaging = false;
    return this.#calls.call("setOptimizerState", [state]);
  };
  define = (name: string, program: LoweredProgram): Promise<void> => this.#calls.call("define", [name, program]);
  release = (name: string): Promise<void> => this.#calls.call("release", [name]);
  step = async (name: string, feeds: Values, settings: StepSettings): Promise<Record<string, TensorData>> =>
    this.#calls.call("step", [name, feeds, settings], movable(feeds));
  infer = async (name: string, feeds: Values): Promise<Record<string, TensorData>> =>
    this.#calls.call("infer", [name, feeds], movable(feeds));

  /** A run that fails in WebAssembly keeps its memory for good: all that the thread holds moves to a new one. */
  async recover(): Promise<void> {
    if (this.target.name !== "wasm") return;
    const [state, optimizer, averaging] = [await this.state(), await this.optimizerState(), this.#averaging];
    await this.#calls.end();
    this.#calls = await startThread(this.#setup);
    await this.setState(state);
    await this.setOptimizerState(optimizer);
    await this.useAverages(averaging);
  }

  /** Waits for the calls under way, then ends the thread; a thread that is dead already is no error. */
  async close(): Promise<void> {
    await this.#calls.call("close", []).catch(() => {});
    await this.#calls.end("closed");
  }
}

/** The memory of feeds, which moves to the thread. What was moved before would never arrive. */
function movable(feeds: Values): Iterable<ArrayBuffer> {
  for (const [name, { length }] of Object.entries(feeds))
    if (length === 0)
      throw new ShapeError(`engine: expected values for input ${name}, but its array is empty`, {
        hint: "Arrays given to an engine are moved to its thread: give it a copy to use them again.",
      });
  return buffersIn(feeds);
}
