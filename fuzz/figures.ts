import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ReaderName, readers } from "./readers/index.ts";
import type { Totals } from "./watched.ts";

/** What a run over the inputs of one reader came to. */
export interface ReaderFigures extends Totals {
  readonly date: string;
  readonly seed: number;
  readonly inputs: number;
  /** MB that one input may take. */
  readonly bound: number;
  /** How many there were of each kind. */
  readonly findings: Readonly<Record<string, number>>;
  readonly minutes: number;
}

const columns = ["reader", "inputs", "read", "refused", "findings", "bound, MB", "most, MB", "slowest, s", "minutes"];

export const tableHead = `| ${columns.join(" | ")} |\n| ${columns.map(() => "---").join(" | ")} |`;

/** A row of the table below `tableHead`. */
export function rowOf(name: string, figures: ReaderFigures): string {
  const { inputs, read, refused, findings, bound, megabytes, seconds, minutes } = figures;
  const found = Object.entries(findings).map(([kind, times]) => `${times} ${kind}`);
  const cells = [name, inputs, read, refused, found.join(", ") || 0, bound, Math.round(megabytes), seconds.toFixed(2)];
  return `| ${[...cells, minutes.toFixed(1)].join(" | ")} |`;
}

/** Puts the figures of a reader beside those of others, from this run or earlier ones, in two files of a folder. */
export async function addFigures(folder: string, name: ReaderName, figures: ReaderFigures): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, "figures.json");
  const before = JSON.parse(await readFile(file, "utf8").catch(() => "{}")) as Record<string, ReaderFigures>;
  const all = { ...before, [name]: figures };
  await writeFile(file, `${JSON.stringify(all, null, 2)}\n`);
  const rows = Object.keys(readers).flatMap((each) => (all[each] ? [rowOf(each, all[each])] : []));
  await writeFile(join(folder, "figures.md"), `${[tableHead, ...rows].join("\n")}\n`);
}
