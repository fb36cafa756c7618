// Every optimisation can be switched off by name: the lowering's `fusedConv` by --no-fused-conv, the inference's
// `foldBatchNorm` by --no-fold-batch-norm. The names follow from the two tables; nothing is listed here.
import { inferenceOptimizations } from "../src/inference/optimize.ts";
import { cpuTarget, type LoweringTarget } from "../src/onnx/target.ts";

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

/** Fields of a target by the switch that turns them off. */
const targetSwitches = switchesOf<LoweringTarget>(cpuTarget);
const inferenceSwitches = switchesOf(inferenceOptimizations);

/** The target's switches, for `parseArgs`. */
export const switchOptions = optionsOf(targetSwitches);

/** The switches of prediction beside the target's, for `parseArgs`. */
export const inferenceSwitchOptions = optionsOf(inferenceSwitches);

/** The target's switches that were given. */
export function givenSwitches(values: Readonly<Record<string, unknown>>): string[] {
  return [...targetSwitches.keys()].filter((name) => values[name] === true);
}

/** The switches of prediction that were given. */
export function givenInferenceSwitches(values: Readonly<Record<string, unknown>>): string[] {
  return [...inferenceSwitches.keys()].filter((name) => values[name] === true);
}

/** A target without what the given switches turn off. */
export function switchedTarget(target: LoweringTarget, given: readonly string[]): LoweringTarget {
  return { ...target, ...Object.fromEntries(given.map((name) => [targetSwitches.get(name as Name)!, false])) };
}
