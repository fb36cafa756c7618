/** @file Reads spoilt inputs one after the other: `child.ts READER SEED FROM TO PLACE`. The parent watches it. */
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Random } from "../src/util/random.ts";
import { attempt } from "./attempt.ts";
import { type ReaderName, readers } from "./readers/index.ts";

const [name, seed, from, to, place] = process.argv.slice(2);
const reader = readers[name as ReaderName];
const make = await reader.inputs();
// What is being read is on the disk before it is, should this process end.
const mark = openSync(join(place!, "place"), "w");
const totals = { read: 0, refused: 0, seconds: 0, megabytes: 0 };
const tell = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

for (let index = Number(from); index < Number(to); index++) {
  writeSync(mark, String(index).padEnd(12), 0);
  const input = make(new Random(Number(seed)).split(name!, index));
  const { exitCode, fault, seconds, megabytes } = await attempt(reader, input, place!);
  totals[fault === null && exitCode === null ? "read" : "refused"]++;
  totals.seconds = Math.max(totals.seconds, seconds);
  totals.megabytes = Math.max(totals.megabytes, megabytes);
  const limits = [
    fault,
    megabytes > reader.megabytes ? `it took ${Math.round(megabytes)} MB, over the bound of ${reader.megabytes}` : null,
    seconds > 2 ? `it took ${seconds.toFixed(1)} seconds of computing` : null,
  ];
  for (const each of limits) if (each !== null) tell({ index, fault: each });
  if (index % 1000 === 999) tell({ totals, index });
}
tell({ totals, index: Number(to) });
closeSync(mark);
process.exit(0);
