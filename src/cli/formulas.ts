import { createHash } from "node:crypto";
import { cpus } from "node:os";
import { join } from "node:path";
import { env } from "onnxruntime-common";
import { segkitHome } from "../data/remote/config.node.ts";
import type { FormulaChoices } from "../onnx/target.ts";
import { choicesOf } from "../runtime/measure-formulas.ts";
import { defaultThreads, openRuntime, targets } from "../runtime/ort.node.ts";
import { decodeFormulas, encodeFormulas } from "../train/formula-file.ts";
import { measureStep } from "../train/step-formulas.ts";
import { makeFolder, writeWhole } from "../util/files.node.ts";
import { readText } from "../util/read-bounded.node.ts";
import type { CommandIo } from "./command.ts";
import type { OpenedRun } from "./open-run.ts";
import { RateBar } from "./rate-bar.ts";
import type { Setup, SetupOptions } from "./setup.ts";

/**
 * The formulas that convolutions are computed by. A run that goes on keeps to those it began with, for others change the
 * last digits.
 * @throws CorruptFileError where what a run began with cannot be read, and what the signal aborts with.
 */
export async function formulasFor(
  options: SetupOptions,
  setup: Pick<Setup, "model" | "objective" | "size" | "bs">,
  io: CommandIo,
  opened?: OpenedRun,
): Promise<FormulaChoices> {
  if (opened?.resumed) return opened.resumed.run.readFormulas();
  const { backend, formulas } = options;
  if (formulas === "rule" || targets[backend].ownMemory) return {};
  const known = await storedFormulas(options);
  return formulas === "tune" ? tuned(options, known, setup, io) : known;
}

/** What was measured on this machine before; none where that cannot be read. */
async function storedFormulas(options: SetupOptions): Promise<FormulaChoices> {
  const file = fileOf(options);
  return readText(file)
    .then((text) => decodeFormulas(text, file))
    .catch(() => ({}));
}

/** What is known, and what this model's training step has beside that, which is measured and kept. */
async function tuned(
  options: SetupOptions,
  known: FormulaChoices,
  { model, objective, size: [height, width], bs }: Pick<Setup, "model" | "objective" | "size" | "bs">,
  { output, signal }: CommandIo,
): Promise<FormulaChoices> {
  const { backend, threads } = options;
  const runtime = await openRuntime({ backend, ...(threads === undefined ? {} : { threads }) });
  const shape = { n: bs, height, width };
  const bar = output.bar();
  const rate = new RateBar(bar);
  try {
    const onMeasured = (done: number, all: number): void => rate.update("timing convolutions", done, all);
    const measured = await measureStep(runtime, model, objective.loss, shape, { known, signal, onMeasured });
    const others = measured.filter(({ best, rule }) => best !== rule).length;
    output.line(
      measured.length === 0
        ? "all convolutions were timed on this machine before"
        : `timed ${measured.length} convolutions; for ${others} another way than the usual one is faster here`,
    );
    const formulas = { ...known, ...choicesOf(measured) };
    await makeFolder(join(segkitHome(), "formulas"));
    await writeWhole(fileOf(options), [encodeFormulas(formulas)]);
    return formulas;
  } finally {
    bar.clear();
  }
}

/** Where the formulas of this machine, this engine and so many threads are kept. */
function fileOf({ backend, threads = defaultThreads() }: SetupOptions): string {
  const machine = [cpus()[0]?.model, cpus().length, threads, backend === "wasm" ? "wasm" : "cpu", env.versions.common];
  const hash = createHash("sha256").update(machine.join("\n")).digest("hex");
  return join(segkitHome(), "formulas", `${hash.slice(0, 16)}.json`);
}
