import type { RuntimeOptions } from "../runtime/ort.node.ts";
import type { OptimizerOptions } from "../optim/memory.ts";
import type { ErrorRecord } from "../util/error-record.ts";
import type { Engine } from "./engine.ts";

/** The methods of an engine, which a thread offers by messages; to recover, it is replaced. */
export type EngineMethod = {
  [K in Exclude<keyof Engine, "recover">]: Engine[K] extends (...args: never[]) => Promise<unknown> ? K : never;
}[Exclude<keyof Engine, "recover">];

/** How the thread opens its runtime. */
export type EngineSetup = Omit<RuntimeOptions, "onFallback"> & { readonly optimizer?: OptimizerOptions };

export interface EngineRequest {
  readonly id: number;
  readonly method: EngineMethod;
  readonly args: readonly unknown[];
}

export type EngineReply =
  | {
      readonly kind: "ready";
      readonly description: string;
      readonly target: Engine["target"];
      readonly fallback: string | undefined;
    }
  | { readonly kind: "failed"; readonly error: ErrorRecord }
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "error"; readonly id: number; readonly error: ErrorRecord };
