import { readFile } from "node:fs/promises";
import { beforeEach, expect, test } from "vitest";
import { plainCard } from "../../test/support/card.ts";
import { tempFolder } from "../../test/support/dataset.ts";
import { numbersOf, smallLearner } from "../../test/support/small-learner.ts";
import { metrics } from "../metrics/index.ts";
import type { Callback } from "../train/callback.ts";
import { WeightAverage } from "../train/callbacks/weight-average.ts";
import { RunFolder } from "../train/run-folder.node.ts";
import { SaveRun } from "../train/save-run.node.ts";
import { parseArguments } from "./arguments.ts";
import { Output } from "./output.ts";
import { trainPhases } from "./phases.ts";
import { trainOptions } from "./train-options.ts";

let run: RunFolder;
let notes: string[];
let events: Record<string, unknown>[];
beforeEach(async () => {
  run = new RunFolder(await tempFolder());
  await run.create();
  [notes, events] = [[], []];
});

/** Trains two fits of two epochs of four batches, in which the loss is no number at some place as long as the rate is so high. */
async function train(poisoned: { readonly pass: number; readonly batch: number; readonly above: number }) {
  const { options: settings } = parseArguments(
    ["--freeze-epochs", "2", "--epochs", "2", "--schedule", "constant", "--lr", "0.01"],
    trainOptions,
  );
  const poison: Callback = {
    batchStart({ pass, batch }, step) {
      if (pass === poisoned.pass && batch === poisoned.batch && step.lr.at(-1)! > poisoned.above)
        step.batch.images[0] = NaN;
    },
  };
  const rates: number[] = [];
  const watch: Callback = { batchEnd: ({ lr }) => void rates.push(lr.at(-1)!) };
  const learner = await smallLearner({ callbacks: [new WeightAverage({ decay: 0.9 })] });
  const output = new Output({
    ...{ json: true, terminal: false },
    out: (text) => events.push(JSON.parse(text) as Record<string, unknown>),
    err: (text) => notes.push(text),
  });
  const saver = new SaveRun(learner, run, {
    ...{ card: plainCard, monitor: metrics.meanIou, phases: 2, data: "", seed: 0 },
  });
  const io = { output, signal: new AbortController().signal };
  const training = { learner, run, settings, lr: 0.01, checkpoint: undefined };
  const error: unknown = await trainPhases(training, saver, io, () => [poison, watch]).catch(
    (thrown: unknown) => thrown,
  );
  const epochs = (await readFile(run.file("results.csv"), "utf8")).trim().split("\n").slice(1);
  return { learner, error, rates, epochs: epochs.map((row) => row.split(",")[0]) };
}

const message = "train: the loss is NaN at learning rate 1.0e-2; the weights are those before this batch";

test("a fit that diverges goes on from the last good checkpoint with a tenth of its rate, and so do those after it", async () => {
  const { learner, error, rates, epochs } = await train({ pass: 1, batch: 2, above: 0.005 });
  expect(error).toBeUndefined();
  const { epoch, batch, lrFactor } = events[0]! as { epoch: number; batch: number; lrFactor: number };
  expect(events).toEqual([{ event: "back", message, epoch, batch, lrFactor }]);
  expect([epoch, lrFactor]).toEqual([batch === 0 ? epoch : 0, 0.1]);
  expect(notes).toEqual([
    expect.stringMatching(
      /; back to epoch \d, batch \d \(checkpoints\/\d+\.safetensors\), with a tenth of the learning rate\n$/,
    ),
  ]);
  expect(rates).toEqual([
    ...Array.from({ length: 6 }, () => 0.01),
    ...Array.from({ length: 16 - 4 * epoch - batch }, () => expect.closeTo(0.001, 9) as number),
  ]);
  expect(epochs).toEqual(["0", "1", "2", "3"]);
  expect(
    Object.values(await numbersOf(learner))
      .flat()
      .every(Number.isFinite),
  ).toBe(true);
});

test("the first batch of the second fit goes back to the end of the first", async () => {
  const { error, epochs } = await train({ pass: 2, batch: 0, above: 0.005 });
  expect(error).toBeUndefined();
  expect(events).toMatchObject([{ event: "back", epoch: 2, batch: 0 }]);
  expect(epochs).toEqual(["0", "1", "2", "3"]);
});

test("one that diverges with the lower rate too has ended, and says what is safe and where", async () => {
  const { error, epochs } = await train({ pass: 1, batch: 2, above: 0 });
  expect(error).toMatchObject({
    exitCode: 5,
    message: message.replace("1.0e-2", "1.0e-3"),
    hint: expect.stringMatching(
      `^The learning rate was lowered to a tenth before. Safe in ${run.path}: the checkpoint of epoch [01], batch \\d ` +
        String.raw`\(checkpoints/00000\d.safetensors\) and the weights of epoch 0 \(weights/best.safetensors\). ` +
        "Start a new run with a smaller --lr.$",
    ) as string,
  });
  expect(events).toHaveLength(1);
  expect(epochs).toEqual(["0"]);
  expect((await run.checkpoints.read())?.damaged).toEqual([]);
});
