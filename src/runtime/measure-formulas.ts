import type { Call } from "../graph/op.ts";
import { slice } from "../graph/ops/movement.ts";
import { topological } from "../graph/order.ts";
import { simplify } from "../graph/simplify.ts";
import { input, Tensor } from "../graph/tensor.ts";
import type { GraphBuilder } from "../onnx/builder.ts";
import { lower, lowerings, type ProgramGraph } from "../onnx/lower.ts";
import { formulas } from "../onnx/lowering/conv.ts";
import { chosen, formulaKey, type Formulas, takes } from "../onnx/lowering/formulas.ts";
import type { Lowered } from "../onnx/lowering/lowering.ts";
import type { FormulaChoices } from "../onnx/target.ts";
import { median } from "../util/median.ts";
import type { Program, Runtime, Values } from "./runtime.ts";

/** A convolution of a graph, or a gradient of one, and how long each formula takes for it. */
export interface FormulaTimes {
  /** Its `formulaKey`. */
  readonly key: string;
  /** How often the graph has it. */
  readonly count: number;
  /** The formula that the rule chooses. */
  readonly rule: string;
  /** The fastest; the rule's, unless another is faster in every round and by more than `margin`. */
  readonly best: string;
  /** Median seconds of each formula that fits; of its first run where that was hopeless. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** What need not be measured, and who is told of the rest. */
export interface MeasureFormulasOptions {
  /** Choices that are known already: these are not measured again. */
  readonly known?: FormulaChoices;
  /** Ends the measuring between two runs with its reason. */
  readonly signal?: AbortSignal;
  /** Told after each of them how many are done, and of how many. */
  readonly onMeasured?: (done: number, all: number) => void;
}

/** A formula that takes longer in its first run than so many times the fastest is not tried again. */
const hopeless = 2;
/** Runs of each formula, after the first. */
const rounds = 4;
/** The rule stands unless another formula takes less than this share of its time: times are never quite sure. */
const margin = 0.95;

/**
 * Times every formula that fits each convolution of a graph, and of the gradients in it, on random operands: what the rule
 * guesses from sizes, this machine is asked. The formulas of one call take turns, so that other work slows all of them.
 */
export async function measureFormulas(
  graph: ProgramGraph,
  runtime: Runtime,
  { known = {}, signal, onMeasured }: MeasureFormulasOptions = {},
): Promise<FormulaTimes[]> {
  const sites = sitesOf(graph).filter(({ key }) => !(key in known));
  const largest = Math.max(0, ...sites.flatMap(({ call }) => call.inputs.map((x) => x?.size ?? 0)));
  const noise = Float32Array.from({ length: largest }, (_, i) => ((i * 7919) % 1009) / 1009 - 0.5);
  const measured: FormulaTimes[] = [];
  for (const [done, { key, call, count }] of sites.entries()) {
    const { rule, programs } = await programsOf(call, runtime);
    try {
      const feeds = Object.fromEntries(
        call.inputs.flatMap((x, i) => (x ? [[`x${i}`, noise.subarray(0, x.size)]] : [])),
      );
      const turns = await inTurns(programs, feeds, rule, signal);
      const seconds = Object.fromEntries(Object.entries(turns).map(([name, all]) => [name, median(all)]));
      measured.push({ key, count, rule, seconds, best: bestOf(turns, rule) });
    } finally {
      await Promise.all([...programs.values()].map((program) => program.release()));
    }
    onMeasured?.(done + 1, sites.length);
  }
  return measured;
}

/**
 * The formulas that were the fastest, for the option `formulas` of an engine.
 * @example const engine = await openEngine({ backend: "cpu", formulas: choicesOf([]) });
 */
export function choicesOf(measured: readonly FormulaTimes[]): FormulaChoices {
  return Object.fromEntries(measured.map(({ key, best }) => [key, best]));
}

/** Seconds by formula, round by round. */
type Turns = Readonly<Record<string, readonly number[]>>;

interface Site {
  readonly key: string;
  readonly call: Call;
  count: number;
}

const tables: Readonly<Record<string, Formulas<never, string>>> = formulas as never;

function sitesOf({ outputs }: ProgramGraph): Site[] {
  const sites = new Map<string, Site>();
  for (const { source } of topological(Object.values(simplify(outputs)))) {
    if (source.kind !== "call" || !(source.call.op.type in tables)) continue;
    const key = formulaKey(source.call.op.type, source.call);
    const site = sites.get(key) ?? { key, call: source.call, count: 0 };
    site.count++;
    sites.set(key, site);
  }
  return [...sites.values()];
}

/** A program of this call alone by each formula that fits; none of a call that only one fits. */
async function programsOf({ op, inputs, attrs }: Call, runtime: Runtime) {
  const { formulas: _, ...target } = runtime.target;
  const leaves = inputs.map((x, i) => x && input(`x${i}`, x.shape, x.dtype));
  const y = new Tensor(op.infer(leaves, attrs), { kind: "call", call: { op, inputs: leaves, attrs } });
  const graph: ProgramGraph = {
    inputs: Object.fromEntries(leaves.flatMap((x, i) => (x ? [[`x${i}`, x]] : []))),
    // The whole result is computed, but only a row of it is copied out.
    outputs: { y: slice(slice(y, 0, 0, 1), 1, 0, 1) },
  };
  const table = tables[op.type]!;
  const found = { rule: "", fitting: [] as string[] };
  const lowerBy = (name?: string) =>
    lower(graph, target, {
      ...lowerings,
      [op.type]: (b: GraphBuilder, call: Lowered<never, never>) => {
        found.rule = chosen(table, call as never, target);
        found.fitting = Object.keys(table.strategies).filter((other) => takes(table, other, call as never, target));
        return (table.strategies[name ?? found.rule]!.lower as (b: GraphBuilder, call: unknown) => string)(b, call);
      },
    });
  lowerBy();
  const programs = new Map<string, Program>();
  if (found.fitting.length > 1) for (const name of found.fitting) programs.set(name, await runtime.load(lowerBy(name)));
  return { rule: found.rule, programs };
}

/** The seconds of each round, of those that are not hopeless and of the rule's; of the others the first run's. */
async function inTurns(
  programs: ReadonlyMap<string, Program>,
  feeds: Values,
  rule: string,
  signal: AbortSignal | undefined,
): Promise<Turns> {
  const timed = async (program: Program): Promise<number> => {
    signal?.throwIfAborted();
    const start = performance.now();
    await program.run(feeds);
    return (performance.now() - start) / 1000;
  };
  const turns: Record<string, number[]> = {};
  for (const [name, program] of programs) turns[name] = [await timed(program)];
  const limit = hopeless * Math.min(...Object.values(turns).flat());
  const still = [...programs].filter(([name]) => name === rule || turns[name]![0]! <= limit);
  for (const [name] of still) turns[name] = [];
  for (let round = 0; round < rounds; round++)
    for (const [name, program] of still) turns[name]!.push(await timed(program));
  return turns;
}

function bestOf(turns: Turns, rule: string): string {
  const own = turns[rule];
  const faster = Object.entries(turns).filter(
    ([, all]) => all.length === own?.length && all.every((seconds, i) => seconds < own[i]!),
  );
  const [best, all] = faster.reduce((a, b) => (median(b[1]) < median(a[1]) ? b : a), [rule, own ?? []]);
  return median(all) < margin * median(own ?? []) ? best : rule;
}
