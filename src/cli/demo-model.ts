import { basename, extname, resolve } from "node:path";
import { exportTrained } from "../export/export-onnx.node.ts";
import { readModelSpec } from "../inference/read-spec.ts";
import { RunFolder, type WeightsName } from "../train/run-folder.node.ts";
import { namingFile } from "../util/naming-file.ts";
import { readModelFile } from "../util/read-bounded.node.ts";
import type { CommandIo } from "./command.ts";
import { exportOrigin } from "./export-origin.ts";
import { RateBar } from "./rate-bar.ts";

/** A model as a page takes it. */
export interface DemoModel {
  /** What it is called. */
  readonly name: string;
  /** An exported file. */
  readonly bytes: Uint8Array;
  /** Names of its classes. */
  readonly classes: readonly string[];
  /** The run it is of; null for a file. */
  readonly run: RunFolder | null;
}

/**
 * The model at a path: a run folder, whose weights are exported, or a file that `segkit export` wrote. Throws a ConfigError
 * where there is none, a CorruptFileError where it is damaged.
 */
export async function demoModel(path: string, weights: WeightsName, io: CommandIo): Promise<DemoModel> {
  return /\.onnx$/i.test(path) ? exportedModel(path) : trainedModel(new RunFolder(path), weights, io);
}

async function trainedModel(run: RunFolder, weights: WeightsName, { output, signal }: CommandIo): Promise<DemoModel> {
  const trained = await run.readWeights(weights);
  const bar = output.bar();
  const rate = new RateBar(bar);
  const onCheck = (done: number, total: number): void => {
    signal.throwIfAborted();
    rate.update("comparing with the live model", done, total);
  };
  try {
    const { bytes, spec } = await exportTrained(trained, { origin: await exportOrigin(run), onCheck });
    return { name: basename(resolve(run.path)), bytes, classes: spec.names, run };
  } finally {
    bar.clear();
  }
}

async function exportedModel(file: string): Promise<DemoModel> {
  const bytes = await readModelFile(file, "Give a run folder, or a file that segkit export wrote.");
  const spec = namingFile(file, () => readModelSpec(bytes));
  return { name: spec.run ?? basename(file, extname(file)), bytes, classes: spec.names, run: null };
}
