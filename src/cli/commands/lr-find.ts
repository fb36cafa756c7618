import { z } from "zod";
import { Learner } from "../../train/learner.ts";
import { nodeHost } from "../../train/host.node.ts";
import type { LrFound } from "../../train/lr-find.ts";
import { ConfigError } from "../../util/errors.ts";
import { requireNoWords } from "../arguments.ts";
import { tellSplit } from "../batch-size.ts";
import { defineCommand } from "../command.ts";
import * as fields from "../fields.ts";
import { formulasFor } from "../formulas.ts";
import { searchLr } from "../lr-search.ts";
import type { Output } from "../output.ts";
import { engineOf, setUp, trainingOnly } from "../setup.ts";
import { trainOptions } from "../train-options.ts";

export const lrFind = defineCommand({
  name: "lr-find",
  summary: "search a learning rate: raise it from batch to batch and watch the loss",
  usage: "[--data streets|FOLDER] [--out FILE.svg] …",
  options: trainOptions.omit(trainingOnly).extend({
    out: fields.text("FILE").optional().describe("picture of loss over learning rate, .svg or .png"),
    theme: fields.theme(),
    startLr: fields.positive().default(1e-7).describe("the first rate"),
    endLr: fields.positive().default(10).describe("the last rate"),
    numIt: fields.integer(2).default(100).describe("batches"),
    stopDiv: z.boolean().default(true).describe("stop when the loss is 4 times its best"),
    freeze: z.boolean().default(false).describe("train only the decoder, as --freeze-epochs does"),
  }),
  async run({ options, positionals, output, signal }) {
    requireNoWords("lr-find", positionals, "Name the data with --data FOLDER.");
    const setup = await setUp(options, { output, signal });
    const { data, model, start, objective } = setup;
    const engine = await engineOf(options, await formulasFor(options, setup, { output, signal }), output);
    try {
      const { seed, wd, memory, startLr, endLr, numIt, stopDiv } = options;
      const learner = await Learner.create(data, model, engine, {
        host: nodeHost,
        ...{ seed, wd, weights: start.state, loss: objective.loss, onSplit: tellSplit(output) },
        ...(memory !== undefined && { memory }),
      });
      if (options.freeze) await learner.freeze();
      const found = await searchLr(learner, { output, signal }, { startLr, endLr, numIt, stopDiv });
      report(found, output);
      output.event("end", { suggestion: found.suggestion, minimumTenth: found.minimumTenth, out: options.out });
      if (found.suggestion === null) throw noSuggestion(found);
      if (options.out !== undefined) await found.plot(options.out, { theme: options.theme });
      output.line(`train with: --lr ${found.suggestion.toPrecision(2)}`);
    } finally {
      await Promise.all([engine.close(), data.close()]);
    }
  },
});

const shownRows = 20;

/** A table of some of the rates, and what they say. */
function report({ lrs, losses, suggestion, minimumTenth }: LrFound, output: Output): void {
  output.line("lr        loss");
  const every = Math.max(Math.ceil(lrs.length / shownRows), 1);
  for (const [i, lr] of lrs.entries()) {
    output.event("batch", { lr, loss: losses[i] });
    if (i % every === 0) output.line(`${lr.toExponential(1).padEnd(8)}  ${losses[i]!.toFixed(4)}`);
  }
  const show = (rate: number | null): string => rate?.toExponential(1) ?? "–";
  output.line(`steepest fall at ${show(suggestion)}, a tenth of the lowest loss's rate ${show(minimumTenth)}`);
}

function noSuggestion({ losses }: LrFound): ConfigError {
  return new ConfigError(`lr-find: ${losses.length} batches are too few for a suggestion`, {
    hint: "The loss ran away early: start with a smaller --start-lr, or take more batches with --num-it.",
  });
}
