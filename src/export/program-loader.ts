import type { Runtime } from "../runtime/runtime.ts";
import { ConfigError } from "../util/errors.ts";

/** What an export computes with: constants before it writes, and the written file, to compare it. */
export type ProgramLoader = Pick<Runtime, "target" | "load">;

/**
 * Throws a ConfigError for a loader that runs programs made for it alone: the sizes that an exported file computes are
 * int64, which a GPU leaves to the processor.
 */
export function requireProcessor({ target }: ProgramLoader): void {
  if (target.everyDType) return;
  throw new ConfigError(`export: the file is compared with the model on the processor, but received ${target.name}`, {
    hint: "Give { runtime: await openRuntime() }, in a browser { runtime: await openWasm() }.",
  });
}
