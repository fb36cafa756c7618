import { ConfigError } from "../../util/errors.ts";
import { ruleOf } from "./draw.ts";
import type { SampleSpec } from "./sample.ts";
import { ResizeMethod } from "./sizes.ts";
import { transformTable } from "./table.ts";
import type { TransformSpec } from "./table.ts";

/**
 * Checks what comes from a file, a command line or untyped code before threads start on it.
 * @throws ConfigError that names the transform, its parameter and what was expected.
 */
export function checkSampleSpec({ size = null, mult, resizeMethod, paddingMode, transforms }: SampleSpec): void {
  for (const side of size === null ? [] : [size].flat()) requireWhole("size", side);
  if (mult !== undefined) requireWhole("mult", mult);
  if (resizeMethod !== undefined) requireWord("resizeMethod", resizeMethod, Object.values(ResizeMethod));
  if (paddingMode !== undefined) requireWord("paddingMode", paddingMode, ["reflection", "border", "zeros"]);
  checkTransforms(transforms);
}

/** Checks kinds, probabilities and parameters of transforms. Throws a ConfigError for the first that is wrong. */
export function checkTransforms(transforms: readonly TransformSpec[]): void {
  for (const spec of transforms) checkTransform(spec);
}

function checkTransform({ kind, p = 1, ...given }: TransformSpec): void {
  const rule = ruleOf(kind);
  if (rule === undefined) {
    throw new ConfigError(`transforms: "${kind}" is no transform`, {
      hint: `There are ${Object.keys(transformTable).join(", ")}.`,
    });
  }
  if (!(p >= 0 && p <= 1)) throw new ConfigError(`${kind}: p: expected a probability from 0 to 1, but received ${p}`);
  for (const [name, value] of Object.entries(given)) {
    const parameter = rule.parameters[name];
    if (parameter === undefined) {
      const names = Object.keys(rule.parameters);
      throw new ConfigError(`${kind}: there is no parameter ${name}`, {
        hint: names.length === 0 ? "It takes p alone." : `Its parameters are p, ${names.join(", ")}.`,
      });
    }
    const fault = parameter.fault(value);
    if (fault !== null) throw new ConfigError(`${kind}: ${name}: ${fault}, but received ${JSON.stringify(value)}`);
  }
  for (const [name, { needed }] of Object.entries(rule.parameters)) {
    if (needed && !(name in given)) throw new ConfigError(`${kind}: ${name} must be given`);
  }
}

function requireWhole(name: string, value: unknown): void {
  if (Number.isInteger(value) && (value as number) >= 1) return;
  throw new ConfigError(`loader: ${name}: expected a whole number of at least 1, but received ${String(value)}`);
}

function requireWord(name: string, value: string, words: readonly string[]): void {
  if (words.includes(value)) return;
  throw new ConfigError(`loader: ${name}: expected one of ${words.join(", ")}, but received ${value}`);
}
