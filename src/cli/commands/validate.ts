import { z } from "zod";
import { databunch } from "../../data/databunch.node.ts";
import { modelOf } from "../../inference/card.ts";
import { perClassIou } from "../../metrics/overlap.ts";
import { openEngine } from "../../train/engine-thread.node.ts";
import { Learner } from "../../train/learner.ts";
import { RunFolder } from "../../train/run-folder.node.ts";
import { ConfigError, DataError } from "../../util/errors.ts";
import { defineCommand } from "../command.ts";
import { openData } from "../data-source.ts";
import * as fields from "../fields.ts";
import { checkGates } from "../gates.ts";
import { ProgressBar } from "../progress.ts";

export const validate = defineCommand({
  summary: "measure a trained model on the validation pictures",
  usage: "RUN [--data FOLDER] [--weights best|last]",
  options: z.object({
    data: z.string().optional().describe("streets or a folder; default: what the run was trained on"),
    weights: fields.word(["best", "last"]).default("best").describe("which weights of the run"),
    bs: fields.integer(1).optional().describe("pictures of a batch; default: as in training"),
    backend: fields.word(["auto", "cpu", "wasm"]).default("auto").describe("auto, cpu (native) or wasm"),
    minAcc: fields.share().optional().describe("fail with exit code 6 below this accuracy without void"),
    minMiou: fields.share().optional().describe("fail with exit code 6 below this mean IoU"),
  }),
  async run({ options, positionals, output, signal }) {
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0)
      throw new ConfigError(`validate: expected one run folder, but received ${positionals.length}`, {
        hint: "Write segkit validate RUN.",
      });
    const run = new RunFolder(path);
    const args = await run.readArguments();
    const { state, card } = await run.readWeights(options.weights);
    const dataset = await openData(options.data ?? String(args.data), signal, output);
    if (dataset.classes.join() !== card.classes.join())
      throw new DataError(
        `validate: the model knows the classes ${card.classes.join(", ")}, but the data has ${dataset.classes.join(", ")}`,
        {
          hint: "Validate on data with the classes that the model was trained on, in the same order.",
        },
      );
    const data = databunch(dataset, {
      size: card.size,
      stats: card.stats,
      batchSize: options.bs ?? Number(args.bs ?? 8),
    });
    const engine = await openEngine({ backend: options.backend, onFallback: (reason) => output.note(reason) });
    const learner = await Learner.create(data, modelOf(card), engine);
    const bar = new ProgressBar("validating {bar} {value}/{total} batches", output.json ? false : undefined);
    try {
      await learner.loadStateDict(state);
      const evaluation = await learner.validate({ signal, onBatch: (done, total) => bar.update(done, total) });
      bar.clear();
      const ious = perClassIou(evaluation.confusion, card.voidIndex);
      const width = Math.max(...card.classes.map((name) => name.length));
      for (const [i, name] of card.classes.entries())
        output.line(`${name.padEnd(width)}  ${ious[i]?.toFixed(4) ?? "–"}`);
      output.line(`loss ${evaluation.loss.toFixed(4)}`);
      for (const [title, value] of Object.entries(evaluation.metrics)) output.line(`${title} ${value.toFixed(4)}`);
      const perClass = Object.fromEntries(card.classes.map((name, i) => [name, ious[i] ?? null]));
      output.event("validation", { loss: evaluation.loss, ...evaluation.metrics, iou: perClass });
      checkGates(evaluation, options);
    } finally {
      bar.clear();
      await learner.close();
    }
  },
});
