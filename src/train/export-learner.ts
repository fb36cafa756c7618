import { type ExportedModel, exportModel, type ExportOptions } from "../export/export-model.ts";
import type { ExportOrigin } from "../export/metadata.ts";
import type { ProgramLoader } from "../export/program-loader.ts";
import type { Engine } from "./engine.ts";
import { joinPath } from "./host.ts";
import type { FilePlace } from "./learner-files.ts";
import type { Learner } from "./learner.ts";

/** How a learner is exported. */
export interface LearnerExportOptions extends ExportOptions {
  /** What the file tells of its origin. */
  readonly origin?: ExportOrigin;
  /** What runs file and model to compare them; default the learner's engine, which must be the processor then. */
  readonly runtime?: ProgramLoader;
}

/** Exports a learner's model to a file below `place`; see `Learner.export`. */
export async function exportLearner(
  learner: Pick<Learner, "model" | "data" | "engine" | "stateDict">,
  { host, path }: FilePlace,
  file: string,
  { origin, runtime = engineLoader(learner.engine), ...options }: LearnerExportOptions,
): Promise<ExportedModel> {
  const { model, data } = learner;
  const state = await learner.stateDict();
  const pictures = { calibration: (data.fix ?? data.train).batches(0), validation: data.valid.batches(0) };
  const exported = await exportModel({ model, data, state, ...(origin && { origin }) }, runtime, {
    ...(options.precision === "int8" && pictures),
    ...options,
  });
  await host.write(/^(\/|\w:)/.test(file) ? file : joinPath(path, file), exported.bytes);
  return exported;
}

/** An engine as what loads programs that have nothing to do with its weights. */
function engineLoader(engine: Engine): ProgramLoader {
  let count = 0;
  return {
    target: engine.target,
    load: async (program) => {
      const name = `export ${count++}`;
      await engine.define(name, program);
      return { run: (feeds) => engine.infer(name, feeds), release: () => engine.release(name) };
    },
  };
}
