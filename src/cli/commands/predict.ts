import { readdir, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { z } from "zod";
import { decodeImage } from "../../data/decode.node.ts";
import { writeMask, writeOverlay } from "../../data/encode.node.ts";
import { hasImageExtension } from "../../data/image.ts";
import { Predictor } from "../../inference/predictor.ts";
import { openRuntime } from "../../runtime/ort.node.ts";
import { RunFolder } from "../../train/run-folder.node.ts";
import { ConfigError, DataError, messageOf } from "../../util/errors.ts";
import { makeFolder } from "../../util/files.node.ts";
import { defineCommand } from "../command.ts";
import * as fields from "../fields.ts";
import { ProgressBar } from "../progress.ts";

export const predict = defineCommand({
  summary: "write masks and overlays for pictures",
  usage: "RUN FILE|FOLDER … --out DIR",
  options: z.object({
    out: z.string().optional().describe("folder for the masks (NAME.png) and overlays (NAME_overlay.png)"),
    weights: fields.word(["best", "last"]).default("best").describe("which weights of the run"),
    backend: fields.word(["auto", "cpu", "wasm"]).default("auto").describe("auto, cpu (native) or wasm"),
    threads: fields.integer(1).optional().describe("threads that compute"),
  }),
  async run({ options, positionals, output, signal }) {
    const [path, ...sources] = positionals;
    if (path === undefined || sources.length === 0 || options.out === undefined)
      throw new ConfigError("predict: expected a run folder, pictures and --out DIR", {
        hint: "Write segkit predict RUN FILE|FOLDER --out DIR.",
      });
    const { state, card } = await new RunFolder(path).readWeights(options.weights);
    const files = (await Promise.all(sources.map(picturesIn))).flat();
    const names = outputNames(files);
    await makeFolder(options.out);
    const runtime = await openRuntime({
      backend: options.backend,
      ...(options.threads === undefined ? {} : { threads: options.threads }),
      onFallback: (reason) => output.note(reason),
    });
    const predictor = new Predictor(runtime, card, state);
    const bar = new ProgressBar("predicting {bar} {value}/{total} pictures", output.json ? false : undefined);
    const failed: string[] = [];
    try {
      for (const [i, file] of files.entries()) {
        signal.throwIfAborted();
        try {
          const image = await decodeImage(file);
          const mask = await predictor.predict(image);
          const target = join(options.out, names[i]!);
          await writeMask(`${target}.png`, mask, card.palette);
          await writeOverlay(`${target}_overlay.png`, image, mask, card.palette);
          output.event("prediction", { image: file, mask: `${target}.png`, overlay: `${target}_overlay.png` });
        } catch (error) {
          if (!(error instanceof DataError)) throw error;
          failed.push(file);
          output.note(`skipped: ${messageOf(error)}`);
        }
        bar.update(i + 1, files.length);
      }
    } finally {
      bar.clear();
      await predictor.release();
    }
    output.line(`${files.length - failed.length} masks and overlays in ${options.out}`);
    if (failed.length > 0)
      throw new DataError(
        `predict: ${failed.length} of ${files.length} pictures could not be read: ${failed.slice(0, 3).join(", ")}`,
        {
          hint: "The masks of the others were written.",
        },
      );
  },
});

/** The pictures a word of the command line stands for: itself, or those of a folder in the order of their names. */
async function picturesIn(source: string): Promise<string[]> {
  const found = await stat(source).catch(() => null);
  if (!found)
    throw new DataError(`predict: ${source} does not exist`, { hint: "Give pictures or folders of pictures." });
  if (!found.isDirectory()) return [source];
  const files = (await readdir(source)).filter((name) => hasImageExtension(name) && !name.startsWith(".")).toSorted();
  if (files.length === 0)
    throw new DataError(`predict: folder ${source} holds no pictures`, {
      hint: "Give pictures or folders of pictures.",
    });
  return files.map((name) => join(source, name));
}

/** A name for each picture's outputs: its own, and with its extension where two would be the same. */
function outputNames(files: readonly string[]): string[] {
  const stem = (file: string): string => basename(file, extname(file));
  const names = files.map((file) =>
    files.filter((other) => stem(other) === stem(file)).length > 1 ? basename(file).replace(".", "_") : stem(file),
  );
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return names;
  throw new ConfigError(`predict: two pictures would both be written to ${twice}.png`, {
    hint: "Predict the folders one after the other, each into its own --out.",
  });
}
