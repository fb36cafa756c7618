import { stat } from "node:fs/promises";
import { type DataReport, examine, type ExamineOptions } from "./examine.node.ts";
import { folderSource } from "./folder-source.node.ts";
import type { CheckedSource } from "./pairs.ts";
import { type YamlOptions, yamlSource } from "./yaml-source.node.ts";

/** How a dataset is examined. */
export interface ExamineDatasetOptions extends ExamineOptions, YamlOptions {}

/**
 * Reads every picture and mask of a dataset in threads and tells all that is wrong with them, with files and remedies,
 * and what is in them: classes in pixels and pictures, objects, sizes, class weights. It is what `segkit data check`
 * prints; `checkDataset` instead throws for the gravest fault, before a training.
 * @param data a folder in fastai's CamVid layout, or a data.yaml (docs/data-check.md).
 * @throws DataError where there is no dataset, CorruptFileError for a data.yaml that is none or names folders outside its own, ConfigError for mask options, ResourceError when a thread dies, and the
 * signal's reason.
 * @example
 * const { findings, classes } = await examineDataset("my-data");
 * for (const { severity, title, places, remedy } of findings) console.log(severity, title, places.length, remedy);
 */
export async function examineDataset(data: string, options: ExamineDatasetOptions = {}): Promise<DataReport> {
  const { masks, allowOutside, ...rest } = options;
  return examine(await openSource(data, { masks, allowOutside }), rest);
}

/** What is to be checked: a folder, or what a .yaml file describes. Errors as `examineDataset`. */
export async function openSource(data: string, options: YamlOptions = {}): Promise<CheckedSource> {
  return (await isDescription(data)) ? yamlSource(data, options) : folderSource(data, options.masks);
}

/** Whether a path is that of a .yaml file. */
export async function isDescription(path: string): Promise<boolean> {
  return /\.ya?ml$/i.test(path) && ((await stat(path).catch(() => null))?.isFile() ?? false);
}
