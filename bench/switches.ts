// Every optimisation can be switched off by name: the lowering's `fusedConv` by --no-fused-conv, the inference's
// `foldBatchNorm` by --no-fold-batch-norm: the names follow from the two tables. --no-simd updates the weights and samples
// pictures by plain code, --no-uncopied has ONNX Runtime copy its results, --tune times the formulas of convolutions first, and
// --memory has parts computed twice.
import type { ParseArgsConfig } from "node:util";
import type { Kind } from "./cases.ts";
import { type InferenceOptimizations, inferenceOptimizations } from "../src/inference/optimize.ts";
import { cpuTarget, type LoweringOptimizations, type LoweringTarget, without } from "../src/onnx/target.ts";

type Name = `no-${string}`;
type Options = Readonly<Record<Name, { readonly type: "boolean"; readonly default: false }>>;

function switchesOf<T extends object>(table: T): ReadonlyMap<Name, keyof T> {
  const on = Object.entries(table).filter(([, value]) => value === true);
  return new Map(
    on.map(([field]) => [`no-${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, field as keyof T]),
  );
}

function optionsOf(switches: ReadonlyMap<Name, unknown>): Options {
  return Object.fromEntries([...switches.keys()].map((name) => [name, { type: "boolean", default: false }]));
}

const targetSwitches = switchesOf<LoweringOptimizations>(cpuTarget.optimizations);
const inferenceSwitches = switchesOf(inferenceOptimizations);

/** The target's switches, for `parseArgs`. */
export const switchOptions = optionsOf(targetSwitches);

/** The switches of prediction beside the target's, for `parseArgs`. */
export const inferenceSwitchOptions = optionsOf(inferenceSwitches);

const simd = { "no-simd": { type: "boolean", default: false } } as const;
const prediction = { ...switchOptions, ...inferenceSwitchOptions };

/** All that a training step can be told, for `parseArgs`. */
export const trainOptions = {
  ...switchOptions,
  memory: { type: "string" },
  tune: { type: "boolean", default: false },
  ...simd,
  "no-uncopied": { type: "boolean", default: false },
} as const;

/** What each kind of case can be told. The start is the whole command as it is. */
const optionsOfKinds = {
  train: trainOptions,
  infer: prediction,
  stream: prediction,
  pipeline: simd,
  start: {},
} as const satisfies Record<Kind, ParseArgsConfig["options"]>;

/** All that segkit can be told, for `parseArgs`. */
export const segkitOptions = { ...trainOptions, ...prediction };

/** What segkit was told that concerns a kind of case, as its own arguments. */
export function givenFor(kind: Kind, values: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(optionsOfKinds[kind]).flatMap((name) => {
    const value = values[name];
    return typeof value === "string" ? [`--${name}`, value] : value === true ? [`--${name}`] : [];
  });
}

/** Which optimisations of predictions the given switches leave. */
export function leftOptimizations(values: Readonly<Record<string, unknown>>): InferenceOptimizations {
  return Object.fromEntries([...inferenceSwitches].map(([name, field]) => [field, values[name] !== true]));
}

/** The target's switches that were given. */
export function givenSwitches(values: Readonly<Record<string, unknown>>): string[] {
  return [...targetSwitches.keys()].filter((name) => values[name] === true);
}

/** A target without what the given switches turn off. */
export function switchedTarget(target: LoweringTarget, given: readonly string[]): LoweringTarget {
  return without(
    target,
    given.map((name) => targetSwitches.get(name as Name)!),
  );
}
