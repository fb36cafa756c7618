// npm run bench [-- --peers] [-- --case train --repeats 5 --markdown --json FILE --python PATH --no-…]
//
// Times segkit, and with --peers also every peer that is installed (peers/README.md), case by case. Who cannot take
// part is named with the reason. --list shows the cases and the switches.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Case, caseLine, cases, casesNamed, type Kind } from "./cases.ts";
import { loadLine, machineLine } from "./machine.ts";
import { measure, notRun, type Result } from "./measure.ts";
import { type Participant, participants, type Task } from "./participants.ts";
import { problemDefaults, problemOf, writeProblem } from "./problem.ts";
import { caseReport, versionsLine } from "./report.ts";
import { Standings } from "./standings.ts";
import { givenFor, segkitOptions } from "./switches.ts";
import { writeStreets } from "../src/data/streets/write.node.ts";

const { values } = parseArgs({
  options: {
    peers: { type: "boolean", default: false },
    case: { type: "string", multiple: true, default: [] },
    list: { type: "boolean", default: false },
    // A case of one's own, in place of those of the table.
    kind: { type: "string", default: "train" },
    batch: { type: "string" },
    size: { type: "string" },
    encoder: { type: "string" },
    threads: { type: "string", default: String(cpus().length) },
    repeats: { type: "string", default: "5" },
    cap: { type: "string", default: "60" },
    data: { type: "string" },
    python: { type: "string", default: process.env.SEGKIT_PYTHON ?? "python3" },
    markdown: { type: "boolean", default: false },
    json: { type: "string" },
    ...segkitOptions,
  },
});
const standings = new Standings();

function chosenCases(): [name: string, about: Case][] {
  const { batch, size, encoder } = values;
  if (batch === undefined && size === undefined && encoder === undefined) return casesNamed(values.case);
  const problem = problemOf({
    ...problemDefaults,
    ...(batch === undefined ? {} : { batch }),
    ...(size === undefined ? {} : { size }),
    ...(encoder === undefined ? {} : { encoder }),
  });
  return [["own", { ...problem, kind: values.kind as Kind, title: values.kind, own: true }]];
}

/** Says what is going on; gone from a terminal as soon as there is more to say. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
  else if (text !== "") process.stderr.write(`${text}\n`);
}

/** Pictures for the input pipeline and for `segkit train`, drawn by segkit unless there is a folder. */
async function pictures(folder: string, { kind, batch, size: [height, width] }: Case): Promise<string> {
  if (values.data !== undefined || kind === "train" || kind === "infer") return values.data ?? "";
  const target = join(folder, `streets-${height}x${width}`);
  progress("drawing pictures …");
  await writeStreets(target, { ...{ height, width, seed: 1 }, train: kind === "start" ? batch : 20 * batch, valid: 2 });
  return target;
}

async function run(about: Case, folder: string): Promise<Result[]> {
  const all: readonly Participant[] = participants[about.kind].slice(0, values.peers ? undefined : 1);
  const wanted = about.small ? all.filter(({ at }) => at !== "large") : all;
  const able = wanted.filter((participant) => standings.bar(about, participant) === undefined);
  if (all.length > 1 && about.kind !== "start" && about.kind !== "pipeline") writeProblem(folder, about);
  const task: Task = {
    ...{ problem: about, threads: Number(values.threads), python: values.python, folder },
    given: givenFor(about.kind, values),
    data: await pictures(folder, about),
  };
  const options = { repeats: Number(values.repeats), cap: Number(values.cap), progress };
  const results = await measure(about.kind, able, task, options);
  const found = new Map(results.map((result) => [result.name, result]));
  const table = wanted.map((participant) => {
    return found.get(participant.name) ?? notRun(participant, standings.bar(about, participant));
  });
  standings.remember(about, results);
  return table;
}

async function bench(): Promise<void> {
  const start = performance.now();
  const kinds = ["train", "infer", "pipeline"] as const;
  const told = [...new Set(kinds.map((kind) => givenFor(kind, values).join(" ")))].filter((words) => words !== "");
  const lines = [machineLine(), [`${values.threads} threads, at most ${values.repeats} rounds`, ...told].join(", ")];
  const load = loadLine();
  console.log([...lines, ...(load === undefined ? [] : [load])].join("\n"));
  const folder = mkdtempSync(join(tmpdir(), "segkit-bench-"));
  const found: Record<string, { about: Case; results: Result[] }> = {};
  try {
    for (const [name, about] of chosenCases()) {
      progress(`${name}, ${caseLine(about)}`);
      const results = await run(about, folder);
      found[name] = { about, results };
      progress("");
      console.log(caseReport(name, about, results, values.markdown));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const versions = versionsLine(Object.values(found).flatMap(({ results }) => results));
  if (versions !== undefined) console.log(versions);
  console.log(`${((performance.now() - start) / 60_000).toFixed(1)} minutes`);
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ machine: lines, load, versions, cases: found }, null, 2)}\n`);
}

if (values.list) {
  for (const [name, about] of Object.entries(cases)) console.log(`${name.padEnd(16)} ${caseLine(about)}`);
  const names = Object.keys(segkitOptions).map((name) => `--${name}`);
  console.log(`what segkit can be told: ${names.join(" ")}`);
} else await bench();
