import { ConfigError } from "../util/errors.ts";
import { nearest } from "../util/nearest.ts";
import { type LossName, losses, requireLossName } from "./index.ts";
import type { Loss, LossOptions } from "./loss.ts";
import { sumLoss } from "./sum-loss.ts";

type Options<Name extends LossName> = NonNullable<Parameters<(typeof losses)[Name]>[0]>;
type Setting = "number" | "boolean";

/** The options of each loss that a text can set: numbers, and true or false. */
const settings: { readonly [Name in LossName]: { readonly [Key in keyof Options<Name>]?: Setting } } = {
  crossEntropy: { labelSmoothing: "number" },
  focal: { gamma: "number", alpha: "number" },
  dice: { smooth: "number", logLoss: "boolean" },
  jaccard: { smooth: "number", logLoss: "boolean" },
  lovaszSoftmax: { perImage: "boolean" },
  tversky: { alpha: "number", beta: "number", gamma: "number", smooth: "number", logLoss: "boolean" },
};

/** A term: an optional factor and *, a name, and optional settings in parentheses. */
const term = /^(?:([^*()]+)\*)?\s*([^*()+]+?)\s*(?:\(([^()]*)\))?$/;

/**
 * The loss that a text describes: a name such as `dice`, a sum such as `crossEntropy+0.5*dice`, settings in parentheses
 * as in `focal(gamma=3)`. The options go to every term.
 * Throws a ConfigError, with a remedy, for a text that is none, an unknown name and a setting that the loss has not.
 * @example const loss = parseLoss("crossEntropy+0.5*focal(gamma=3)", { ignoreIndex: 11 });
 */
export function parseLoss(text: string, options: LossOptions = {}): Loss {
  const terms = splitTerms(text).map((part) => parseTerm(part.trim(), text, options));
  const [first] = terms;
  return terms.length === 1 && first![0] === 1 ? first![1] : sumLoss(terms);
}

/** The text between the plus signs that are outside parentheses and numbers such as 1e+3. */
function splitTerms(text: string): string[] {
  return text.split(/(?<!\d[eE])\+(?![^(]*\))/);
}

function parseTerm(part: string, text: string, options: LossOptions): [factor: number, loss: Loss] {
  const [, factor, name, inside] = term.exec(part) ?? [];
  const times = factor === undefined ? 1 : Number(factor);
  if (name === undefined || !(times > 0 && times < Infinity))
    throw new ConfigError(`loss: expected NAME or FACTOR*NAME, but received "${part}" in "${text}"`, {
      hint: "Write a loss as crossEntropy, or a sum as crossEntropy+0.5*dice.",
    });
  const known = requireLossName(name);
  return [times, losses[known]({ ...options, ...parseSettings(known, inside) })];
}

function parseSettings(name: LossName, inside: string | undefined): Record<string, number | boolean> {
  if (inside === undefined || inside.trim() === "") return {};
  return Object.fromEntries(inside.split(",").map((pair) => parseSetting(name, pair.trim())));
}

function parseSetting(name: LossName, pair: string): [key: string, value: number | boolean] {
  const allowed: Readonly<Record<string, Setting | undefined>> = settings[name];
  const [key = "", text = ""] = pair.split("=").map((side) => side.trim());
  if (!Object.hasOwn(allowed, key)) throw unknownSetting(name, key, Object.keys(allowed));
  const value = allowed[key] === "boolean" ? { true: true, false: false }[text] : Number(text || NaN);
  if (typeof value === "boolean" || Number.isFinite(value)) return [key, value!];
  const expected = allowed[key] === "boolean" ? "true or false" : "a number";
  throw new ConfigError(`loss: ${name}: expected ${expected} for ${key}, but received "${text}"`);
}

function unknownSetting(name: LossName, key: string, known: readonly string[]): ConfigError {
  const close = nearest(key, known);
  return new ConfigError(`loss: ${name} has no setting "${key}"`, {
    hint: `${close === undefined ? "" : `Did you mean ${close}? `}It has ${known.join(", ")}.`,
  });
}
