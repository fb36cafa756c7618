import { Random } from "../../src/util/random.ts";
import type { Values } from "../../src/runtime/runtime.ts";
import { type Bench, cotangent, type Result, type Trial } from "./harness.ts";

/** Half the distance of the two points, in float32: smaller, and rounding shows; larger, and curvature does. */
const step = 1e-2;
/** Elements of a leaf that are moved one at a time; larger leaves are moved as a whole too. */
const single = 12;

/** A way to move a leaf: each element by a multiple of the step. */
interface Probe {
  readonly leaf: string;
  readonly direction: Float64Array;
}

/** How a gradient and the difference it predicts agree along one probe. */
export interface Comparison {
  readonly leaf: string;
  readonly measured: number;
  readonly predicted: number;
  readonly allowed: number;
}

/** Central differences of Σ y · cotangent for all trials of a bench at once, against their gradients. */
export async function compareDifferences(bench: Bench, gradients: readonly Result[]): Promise<Comparison[][]> {
  const { trials } = bench;
  const probes = trials.map((trial, i) => probesOf(trial, bench.values[i]!));
  const comparisons = trials.map((): Comparison[] => []);
  for (let k = 0; k < Math.max(...probes.map((list) => list.length)); k++) {
    const above = bench.values.map((values, i) => moved(values, probes[i]![k], step));
    const below = bench.values.map((values, i) => moved(values, probes[i]![k], -step));
    const results = [await bench.run((i) => above[i]!), await bench.run((i) => below[i]!)] as const;
    for (const [i, trial] of trials.entries()) {
      const probe = probes[i]![k];
      if (!probe) continue;
      const weights = cotangent(trial, bench.results[i]!);
      const [high, low] = results.map((list) => list[i]!.y as Float32Array) as [Float32Array, Float32Array];
      const gradient = gradients[i]!.gradients[probe.leaf] as Float32Array;
      const [from, to] = [below[i]![probe.leaf] as Float32Array, above[i]![probe.leaf] as Float32Array];
      comparisons[i]!.push({
        leaf: probe.leaf,
        measured: dot(weights, (j) => high[j]! - low[j]!) / (2 * step),
        predicted: dot(gradient, (j) => to[j]! - from[j]!) / (2 * step),
        allowed: 2e-3 * length(gradient, probe) + rounding(weights, high),
      });
    }
  }
  return comparisons;
}

function probesOf(trial: Trial, values: Values): Probe[] {
  const random = new Random(1).split(trial.name);
  return trial.wrt.flatMap((leaf) => {
    const size = values[leaf]!.length;
    const elements = random.permutation(size).slice(0, single);
    const one = elements.map((at) => ({ leaf, direction: new Float64Array(size).fill(1, at, at + 1) }));
    const all = { leaf, direction: new Float64Array(size).map(() => (random.chance(0.5) ? 1 : -1)) };
    return size > single ? [...one, all] : one;
  });
}

function moved(values: Values, probe: Probe | undefined, distance: number): Values {
  if (!probe) return values;
  const leaf = (values[probe.leaf] as Float32Array).map((x, i) => x + distance * probe.direction[i]!);
  return { ...values, [probe.leaf]: leaf };
}

function dot(weights: Float32Array, value: (i: number) => number): number {
  return weights.reduce((total, weight, i) => total + weight * value(i), 0);
}

/** What a probe would measure in a typical direction: the gradient's largest element, or its length. */
function length(gradient: Float32Array, { direction }: Probe): number {
  const all = direction.every((d) => d !== 0);
  return all ? Math.hypot(...gradient) : gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
}

/** The error of a difference of rounded float32 results. */
function rounding(weights: Float32Array, y: Float32Array): number {
  return (4 * 2 ** -24 * Math.hypot(...weights.map((w, i) => w * y[i]!))) / (2 * step);
}
