import { ConfigError } from "../../util/errors.ts";

/** Throws a ConfigError for an option that is out of range. */
export function requireOption(where: string, name: string, value: number, expected: string, ok: boolean): void {
  if (!ok) throw new ConfigError(`${where}: expected ${name} to be ${expected}, but received ${value}`);
}
