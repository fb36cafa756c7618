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
  const { exitCode, faults, seconds, megabytes } = await attempt(reader, input, place!);
  totals[exitCode === null && faults.length === 0 ? "read" : "refused"]++;
  totals.seconds = Math.max(totals.seconds, seconds);
  totals.megabytes = Math.max(totals.megabytes, megabytes);
  for (const fault of faults) tell({ index, fault });
  if (index % 1000 === 999) tell({ totals, index });
}
tell({ totals, index: Number(to) });
closeSync(mark);
process.exit(0);
