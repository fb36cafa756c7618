import { type FileBackend, openFile } from "../../runtime/open-file.ts";
import { readModelSpec } from "../read-spec.ts";
import { requireSafeModel } from "../safety/require-safe-model.ts";
import { LoadedModel } from "./loaded-model.ts";

/** Loads exported files one after the other; those loaded are released where a later one fails. */
export async function loadModels(
  files: readonly Uint8Array[],
  backend: FileBackend,
): Promise<[LoadedModel, ...LoadedModel[]]> {
  const models: LoadedModel[] = [];
  try {
    // What a file is, and whether it is safe, is found out before minutes are spent on loading it.
    const specs = files.map(readModelSpec);
    const safe = specs.map((spec, i) => requireSafeModel(files[i]!, spec));
    for (const [i, spec] of specs.entries())
      models.push(new LoadedModel(spec, await openFile(files[i]!, backend), safe[i]!));
  } catch (error) {
    for (const model of models) await model.release();
    throw error;
  }
  return models as [LoadedModel, ...LoadedModel[]];
}
