import { z } from "zod";
import type { ModelCard } from "../../inference/card.ts";
import { perClassIou } from "../../metrics/overlap.ts";
import type { Evaluation } from "../../train/callback.ts";
import { ConfigError } from "../../util/errors.ts";
import { defineCommand } from "../command.ts";
import * as fields from "../fields.ts";
import { checkGates } from "../gates.ts";
import type { Output } from "../output.ts";
import { RateBar } from "../rate-bar.ts";
import { openTrained } from "../trained-run.ts";

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
    backend: fields.backend(),
    minAcc: fields.share().optional().describe("end with exit code 6 below this accuracy without void"),
    minMiou: fields.share().optional().describe("end with exit code 6 below this mean IoU"),
  }),
  async run({ options, positionals, output, signal }) {
    const trained = await openTrained("validate", oneRun(positionals), options, { output, signal });
    const { learner, card } = trained;
    const bar = output.bar();
    try {
      const rate = new RateBar(bar);
      const onBatch = (done: number, total: number): void => rate.update("validating", done, total);
      const evaluation = await learner.validate({ signal, onBatch, ...(options.tta ? { tta: {} } : {}) });
      report(evaluation, card, output);
      checkGates(evaluation, options);
    } finally {
      bar.clear();
      await trained.close();
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
