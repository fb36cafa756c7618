// Spoilt inputs for everything that reads files of others: none may end the process, hang, write outside its folder, take more
// than a stated memory or two seconds of computing, or be refused with anything but a named error.
//
//   npm run fuzz -- [--readers png,onnx] [--inputs 1000] [--seed 1] [--out .cache/fuzz]
//
// An input is a function of reader, seed and number, so a finding can be repeated; it is also written to --out, from where it
// goes to test/crashers. The figures are written to --out, too, as figures.json and figures.md. Leaves with 1 where anything
// was found.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Random } from "../src/util/random.ts";
import { addFigures, type ReaderFigures, rowOf, tableHead } from "./figures.ts";
import { type ReaderName, readers } from "./readers/index.ts";
import { type Finding, type Totals, watched } from "./watched.ts";

const { values } = parseArgs({
  options: {
    readers: { type: "string", default: Object.keys(readers).join() },
    inputs: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    out: { type: "string", default: ".cache/fuzz" },
  },
});

const names = values.readers.split(",").map((name) => {
  if (!Object.hasOwn(readers, name)) throw new Error(`there is no reader ${name}: ${Object.keys(readers).join(", ")}`);
  return name as ReaderName;
});
const [count, seed] = [Number(values.inputs), Number(values.seed)];

/** Writes the input of a finding, and says what it is. */
async function keep(name: ReaderName, { index, fault }: Finding): Promise<void> {
  const make = await readers[name].inputs();
  await mkdir(join(values.out, name), { recursive: true });
  const file = join(values.out, name, `${seed}-${index}`);
  await writeFile(file, make(new Random(seed).split(name, index)));
  console.log(`${name}: input ${index}: ${fault.kind}: ${fault.text}\n  ${file}`);
}

async function tried(name: ReaderName): Promise<ReaderFigures> {
  const start = performance.now();
  const findings: Record<string, number> = {};
  const kept: Promise<void>[] = [];
  const onFinding = (finding: Finding): void => {
    const { kind } = finding.fault;
    findings[kind] = (findings[kind] ?? 0) + 1;
    kept.push(keep(name, finding));
  };
  let totals: Totals = { read: 0, refused: 0, seconds: 0, megabytes: 0 };
  for (let from = 0; from < count;) {
    const { next, totals: more } = await watched({ name, seed, from, to: count }, onFinding);
    totals = {
      read: totals.read + more.read,
      refused: totals.refused + more.refused,
      seconds: Math.max(totals.seconds, more.seconds),
      megabytes: Math.max(totals.megabytes, more.megabytes),
    };
    from = next;
  }
  await Promise.all(kept);
  const minutes = (performance.now() - start) / 60_000;
  const date = new Date().toISOString().slice(0, 10);
  return { date, seed, inputs: count, ...totals, bound: readers[name].megabytes, findings, minutes };
}

console.log(tableHead);
let found = 0;
for (const name of names) {
  const figures = await tried(name);
  console.log(rowOf(name, figures));
  await addFigures(values.out, name, figures);
  for (const times of Object.values(figures.findings)) found += times;
}
process.exitCode = found > 0 ? 1 : 0;
