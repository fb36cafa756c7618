import type { SegmentationDataset } from "../data/dataset.ts";
import { hashDataset } from "../data/dataset-hash.node.ts";
import type { LrFound } from "../train/lr-find.ts";
import type { RunFacts } from "../train/record-run.node.ts";
import { machine, versions } from "../train/run-origin.node.ts";
import type { CommandIo } from "./command.ts";
import { RateBar } from "./rate-bar.ts";

/** What is known of a run before its facts are looked for. */
export interface KnownFacts {
  /** What runs the network. */
  readonly engine: string;
  /** The weights it begins with, in words. */
  readonly weights: string;
  readonly found: LrFound | undefined;
  /** What it was begun on, where it goes on. */
  readonly data?: RunFacts["data"] | undefined;
}

/** What a run is trained on, from and with: what its report tells later. Reads the whole dataset once, unless that is known. */
export async function runFacts(
  dataset: SegmentationDataset,
  { engine, weights, found, data }: KnownFacts,
  io: CommandIo,
): Promise<RunFacts> {
  return {
    started: new Date().toISOString(),
    versions: versions(),
    machine: machine(engine),
    data: data ?? (await dataFacts(dataset, io)),
    weights,
    ...(found === undefined ? {} : { search: searchOf(found) }),
  };
}

async function dataFacts(dataset: SegmentationDataset, { output, signal }: CommandIo): Promise<RunFacts["data"]> {
  const bar = output.bar();
  const rate = new RateBar(bar);
  try {
    const onProgress = (done: number, total: number): void => rate.update("hashing the dataset", done, total);
    const { data: hash, split } = await hashDataset(dataset, { signal, onProgress });
    return { train: dataset.train.length, valid: dataset.valid.length, hash, split };
  } finally {
    bar.clear();
  }
}

function searchOf({ lrs, losses, suggestion, minimumTenth }: LrFound): NonNullable<RunFacts["search"]> {
  const rates = { steepest: suggestion, "minimum/10": minimumTenth };
  const suggestions = Object.entries(rates).filter((each): each is [string, number] => each[1] !== null);
  return { lrs: [...lrs], losses: [...losses], suggestions: Object.fromEntries(suggestions) };
}
