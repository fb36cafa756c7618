import { basename, resolve } from "node:path";
import type { ModelCard } from "../inference/card.ts";
import type { RunFolder } from "../train/run-folder.node.ts";
import { namingFile } from "../util/naming-file.ts";
import { parseEpochs } from "./epoch-table.ts";
import type { Examined, RunReport } from "./run-report.ts";

/** What the files of a run tell, and what its model does. Throws a ConfigError for a folder that holds no run. */
export async function readRun(run: RunFolder, card: ModelCard, examined: Examined): Promise<RunReport> {
  const text = await run.readResults();
  return {
    name: basename(resolve(run.path)),
    path: run.path,
    args: await run.readArguments(),
    card,
    table: namingFile(run.file("results.csv"), () => parseEpochs(text)),
    record: await run.readRecord(),
    examined,
  };
}
