import { ConfigError } from "../util/errors.ts";

/** Throws a ConfigError where stored state of the optimizer is not as long as the entry of that name. */
export function requireFit(name: string, data: Float32Array | undefined, length: number | undefined): void {
  if (data !== undefined && data.length === length) return;
  throw new ConfigError(
    `optimizer: expected state of ${length ?? "no"} values for "${name}", but received ${data?.length ?? "none"}`,
    { hint: "Restore the state into the model and optimizer that it was saved from." },
  );
}
