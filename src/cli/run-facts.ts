import type { SegmentationDataset } from "../data/dataset.ts";
import { hashDataset } from "../data/dataset-hash.node.ts";
import type { LrFound } from "../train/lr-find.ts";
import type { RunFacts } from "../train/record-run.node.ts";
import { machine, versions } from "../train/run-origin.node.ts";
import type { CommandIo } from "./command.ts";
import { RateBar } from "./rate-bar.ts";

/** What a run is trained on, from and with: what its report tells later. Reads the whole dataset once. */
export async function runFacts(
  dataset: SegmentationDataset,
  { engine, weights, found }: { engine: string; weights: string; found: LrFound | undefined },
  { output, signal }: CommandIo,
): Promise<RunFacts> {
  const bar = output.bar();
  const rate = new RateBar(bar);
  try {
    const onProgress = (done: number, total: number): void => rate.update("hashing the dataset", done, total);
    const { data: hash, split } = await hashDataset(dataset, { signal, onProgress });
    return {
      started: new Date().toISOString(),
      versions: versions(),
      machine: machine(engine),
      data: { train: dataset.train.length, valid: dataset.valid.length, hash, split },
      weights,
      ...(found === undefined ? {} : { search: searchOf(found) }),
    };
  } finally {
    bar.clear();
  }
}

function searchOf({ lrs, losses, suggestion, minimumTenth }: LrFound): NonNullable<RunFacts["search"]> {
  const rates = { steepest: suggestion, "minimum/10": minimumTenth };
  const suggestions = Object.entries(rates).filter((each): each is [string, number] => each[1] !== null);
  return { lrs: [...lrs], losses: [...losses], suggestions: Object.fromEntries(suggestions) };
}
