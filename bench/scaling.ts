// npm run bench:scaling [-- --repeats 3 --threads N --markdown --no-…]
//
// Does the cost grow as the work? Step time and peak memory over batch size, picture size and width, each point in a
// process of its own, with the exponents of their growth; and what the set-up of the ResNet-34 U-Net takes.
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Child } from "./child.ts";
import { loadLine, machineLine } from "./machine.ts";
import { modelOf, type Problem, problemArgs } from "./problem.ts";
import { type Cells, markdownTable, showSeconds, textTable } from "./report.ts";
import { fittedExponent } from "./statistics.ts";
import { givenSwitches, switchOptions } from "./switches.ts";
import { Unmeasured } from "./unmeasured.ts";
import { namedParameters } from "../src/nn/module.ts";
import { median } from "../src/util/median.ts";

const { values } = parseArgs({
  options: {
    repeats: { type: "string", default: "3" },
    threads: { type: "string", default: String(cpus().length) },
    markdown: { type: "boolean", default: false },
    ...switchOptions,
  },
});

/** What a point was measured to be. */
interface Point {
  readonly problem: Problem;
  /** Of every step. */
  readonly seconds: readonly number[];
  /** Most memory of the process, in bytes. */
  readonly peakBytes: number;
  /** Seconds of each part of the set-up. */
  readonly setup: Readonly<Record<string, number>>;
  /** Why there are no figures. */
  readonly note?: string;
}

/** One quantity grows, all others stay. */
interface Sweep {
  readonly title: string;
  /** The quantity, as a number. */
  readonly of: (problem: Problem) => number;
  readonly show: (problem: Problem) => string;
  readonly problems: readonly Problem[];
}

const base: Problem = { encoder: "resnet34", batch: 2, size: [128, 128], classes: 12 };

const sweeps: readonly Sweep[] = [
  {
    title: "batch",
    of: ({ batch }) => batch,
    show: ({ batch }) => `${batch}`,
    problems: [1, 2, 4, 8].map((batch) => ({ ...base, batch })),
  },
  {
    title: "pixels of a picture",
    of: ({ size: [height, width] }) => height * width,
    show: ({ size }) => size.join("×"),
    problems: [64, 96, 128, 192, 256].map((side) => ({ ...base, size: [side, side] as const })),
  },
  {
    title: "width",
    of: ({ width = 64 }) => width,
    show: (problem) => `${problem.width ?? 64}, ${millions(problem)}`,
    problems: [16, 32, 64, 96].map((width) => (width === 64 ? base : { ...base, width })),
  },
  {
    title: "parameters",
    of: parametersOf,
    show: (problem) => `${problem.encoder}, ${millions(problem)}`,
    problems: (["resnet18", "resnet34", "resnet50"] as const).map((encoder) => ({ ...base, encoder })),
  },
];

function parametersOf(problem: Problem): number {
  const sizes = namedParameters(modelOf(problem)).map(([, { shape }]) => shape.reduce((a, b) => a * b, 1));
  return sizes.reduce((a, b) => a + b, 0);
}

function millions(problem: Problem): string {
  return `${(parametersOf(problem) / 1e6).toFixed(1)} M`;
}

const script = fileURLToPath(new URL("segkit-step.ts", import.meta.url));
const cap = 120;

async function measured(problem: Problem): Promise<Point> {
  const flags = givenSwitches(values).map((name) => `--${name}`);
  const args = [...problemArgs(problem), "--threads", values.threads, ...flags];
  const child = new Child([process.execPath, "--import", "tsx", script, ...args]);
  try {
    const { setup } = await child.answer(cap);
    const seconds: number[] = [];
    for (let i = 0; i < Number(values.repeats); i++) seconds.push(Number((await child.ask("step", cap)).seconds));
    const { peakBytes } = await child.ask("end", cap);
    await child.gone();
    return { problem, seconds, peakBytes: Number(peakBytes), setup: setup as Point["setup"] };
  } catch (error) {
    child.kill();
    if (!(error instanceof Unmeasured)) throw error;
    return { problem, seconds: [], peakBytes: NaN, setup: {}, note: error.message };
  }
}

const known = new Map<string, Promise<Point>>();

/** Every point is measured once, though several sweeps may share it. */
function pointOf(problem: Problem): Promise<Point> {
  const key = problemArgs(problem).join(" ");
  const point = known.get(key) ?? measured(problem);
  known.set(key, point);
  return point;
}

async function tableOf({ title, of, show, problems }: Sweep): Promise<{ cells: Cells[]; fit: string }> {
  const points: Point[] = [];
  for (const problem of problems) {
    process.stderr.write(`${title} ${show(problem)} …\n`);
    points.push(await pointOf(problem));
  }
  const rows = points.map(({ problem, seconds, peakBytes, note }): Cells => {
    const range = `${showSeconds(Math.min(...seconds))}–${showSeconds(Math.max(...seconds))}`;
    const figures =
      note === undefined ? [showSeconds(median(seconds)), range, `${Math.round(peakBytes / 1e6)}`] : ["", "", ""];
    return [show(problem), ...figures, note ?? ""];
  });
  const found = points.filter(({ note }) => note === undefined);
  const exponent = (y: (point: Point) => number): string =>
    fittedExponent(found.map((point) => [of(point.problem), y(point)])).toFixed(2);
  const fit = `time grows as (${title})^${exponent((p) => median(p.seconds))}, peak memory as ^${exponent((p) => p.peakBytes)}`;
  return { cells: [[title, "step s", "range", "peak MB", ""], ...rows], fit };
}

const draw = values.markdown ? markdownTable : textTable;
console.log([machineLine(), `${values.threads} threads, ${values.repeats} steps a point`].join("\n"));
const load = loadLine();
if (load !== undefined) console.log(load);
console.log(`${base.encoder} U-Net, batch ${base.batch}, ${base.size.join("×")}, where nothing else is said`);
for (const sweep of sweeps) {
  const { cells, fit } = await tableOf(sweep);
  console.log(`\n${draw(cells)}\n\n${fit}`);
}

const large = await pointOf({ ...base, batch: 4, size: [192, 256] });
if (large.note !== undefined) console.log(`\nset-up not measured: ${large.note}`);
console.log("\nset-up, seconds of each part:");
const parts = Object.keys(large.setup);
const line = ({ problem: { encoder, batch, size }, setup }: Point): Cells => {
  return [`${encoder}, ${batch}×${size.join("×")}`, ...parts.map((part) => showSeconds(setup[part]!)), ""];
};
const all = (await Promise.all(known.values())).filter(({ note }) => note === undefined);
console.log(draw([["", ...parts, ""], ...all.map(line)]));
