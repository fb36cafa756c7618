import type { RuntimeOptions } from "../runtime/ort.node.ts";
import type { OptimizerOptions } from "../optim/memory.ts";
import type { Engine } from "./engine.ts";

/** The methods of an engine, which a thread offers; to recover, it is replaced. */
export type EngineMethods = {
  readonly [
    K in Exclude<keyof Engine, "recover"> as Engine[K] extends (...args: never[]) => Promise<unknown> ? K : never
  ]: Engine[K];
};

/** How the thread opens its runtime. */
export type EngineSetup = Omit<RuntimeOptions, "onFallback"> & { readonly optimizer?: OptimizerOptions };

/** What the thread says when it can compute. */
export interface EngineReady extends Pick<Engine, "description" | "target"> {
  /** Why WebAssembly runs instead of the native engine, where it does. */
  readonly fallback: string | undefined;
}
