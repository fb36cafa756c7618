import { z } from "zod";
import { databunch } from "../../data/databunch.node.ts";
import type { SegmentationDataset } from "../../data/dataset.ts";
import { type ModelCard, modelOf } from "../../inference/card.ts";
import { perClassIou } from "../../metrics/overlap.ts";
import type { Evaluation } from "../../train/callback.ts";
import { openEngine } from "../../train/engine-thread.node.ts";
import { Learner } from "../../train/learner.ts";
import { RunFolder } from "../../train/run-folder.node.ts";
import { ConfigError, DataError } from "../../util/errors.ts";
import { defineCommand } from "../command.ts";
import { masksOf, recordedMasks } from "../data-options.ts";
import { openData } from "../data-source.ts";
import * as fields from "../fields.ts";
import { checkGates } from "../gates.ts";
import { objectiveOf, type ObjectiveOptions, requireObjective } from "../objective.ts";
import type { Output } from "../output.ts";

export const validate = defineCommand({
  name: "validate",
  summary: "measure a trained model on the validation pictures",
  usage: "RUN [--data FOLDER] [--weights best|last]",
  options: z.object({
    data: fields.text("DATA").optional().describe("streets or a folder; default what the run was trained on"),
    weights: fields.word(["best", "last"]).default("best").describe("which weights of the run"),
    metrics: fields.text("LIST").optional().describe("measured beside acc_camvid and mean_iou, such as meanDice"),
    tta: z
      .boolean()
      .default(false)
      .describe("average over mirrored and larger views of each picture; 6 times the work"),
    bs: fields.integer(1).default(8).describe("pictures of a batch"),
    threads: fields.integer(1).optional().describe("threads that compute; default one a core"),
    backend: fields.word(["auto", "cpu", "wasm"]).default("auto").describe("auto, cpu (native) or wasm"),
    minAcc: fields.share().optional().describe("end with exit code 6 below this accuracy without void"),
    minMiou: fields.share().optional().describe("end with exit code 6 below this mean IoU"),
  }),
  async run({ options, positionals, output, signal }) {
    const run = new RunFolder(oneRun(positionals));
    const { state, card } = await run.readWeights(options.weights);
    const recorded = await run.readArguments();
    const objective = { ...recordedObjective(recorded), metrics: options.metrics };
    requireObjective(objective);
    const source = options.data ?? String(recorded.data);
    const dataset = await openData(source, { output, signal }, card.size, await masksOf(recordedMasks(recorded)));
    requireSameClasses(card, dataset);
    const data = databunch(
      // Only the validation list is read, but a bunch has both, each with at least one whole batch.
      { ...dataset, train: dataset.valid },
      { size: card.size, stats: card.stats, batchSize: Math.min(options.bs, dataset.valid.length) },
    );
    const { loss, metrics } = await objectiveOf(objective, dataset, { output, signal });
    const engine = await openEngine({
      backend: options.backend,
      ...(options.threads === undefined ? {} : { threads: options.threads }),
      onFallback: (reason) => output.note(reason),
    });
    const bar = output.bar();
    try {
      const learner = await Learner.create(data, modelOf(card), engine, { weights: state, loss, metrics });
      const onBatch = (done: number, total: number): void => bar.update(done, total, "validating");
      const evaluation = await learner.validate({ signal, onBatch, ...(options.tta ? { tta: {} } : {}) });
      report(evaluation, card, output);
      checkGates(evaluation, options);
    } finally {
      bar.clear();
      await Promise.all([engine.close(), data.close()]);
    }
  },
});

function oneRun([path, ...more]: readonly string[]): string {
  if (path !== undefined && more.length === 0) return path;
  const received = path === undefined ? "none" : [path, ...more].join(" ");
  throw new ConfigError(`validate: expected one run folder, but received ${received}`, {
    hint: "Write segkit validate RUN.",
  });
}

/** What the run was trained with, as its args.yaml says; runs older than an option go by its default. */
function recordedObjective({ loss, classWeights, ignoreIndex }: Record<string, unknown>): ObjectiveOptions {
  const text = (value: unknown): string | undefined =>
    typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  return {
    loss: text(loss) ?? "crossEntropy",
    classWeights: text(classWeights),
    ignoreIndex: text(ignoreIndex),
  };
}

function requireSameClasses(card: ModelCard, dataset: SegmentationDataset): void {
  if (dataset.classes.join("\n") === card.classes.join("\n")) return;
  throw new DataError(
    `validate: the model knows the classes ${card.classes.join(", ")}, but the data has ${dataset.classes.join(", ")}`,
    { hint: "Validate on data with the classes that the model was trained on, in the same order." },
  );
}

/** A table of the classes, then the numbers of all together. */
function report({ loss, metrics, confusion }: Evaluation, { classes, voidIndex }: ModelCard, output: Output): void {
  const values = perClassIou(confusion, voidIndex);
  const ious = classes.map((name, i): [string, number | null] => [name, values[i] ?? null]);
  const rows = [
    ["class", "IoU"],
    ...ious.map(([name, iou]) => [name, number(iou)]),
    ["", ""],
    ["loss", number(loss)],
    ...Object.entries(metrics).map(([title, value]) => [title, number(value)]),
  ];
  const width = Math.max(...rows.map(([title = ""]) => title.length));
  for (const [title = "", value] of rows) output.line(`${title.padEnd(width)}  ${value}`.trimEnd());
  output.event("validation", { loss, ...metrics, iou: Object.fromEntries(ious) });
}

function number(value: number | null): string {
  return value === null || Number.isNaN(value) ? "–" : value.toFixed(4);
}
