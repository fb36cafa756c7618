// Does TensorBoard read what segkit logs?
//
//   npm run bench:tensorboard [-- --python PATH --out DIR]
//
// Trains on a few street scenes, is killed on the way and goes on from an older checkpoint, and writes down what was
// told on the way. peers/tensorboard_check.py then reads the log through TensorBoard's own code and compares.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { databunch } from "../src/data/databunch.node.ts";
import { openFolder } from "../src/data/folder.node.ts";
import { writeStreets } from "../src/data/streets/write.node.ts";
import { denormalize } from "../src/data/transforms/normalize.ts";
import { perClassIou } from "../src/metrics/overlap.ts";
import { slice } from "../src/optim/groups.ts";
import type { Callback, EpochResult, FitState } from "../src/train/callback.ts";
import { TensorBoard } from "../src/train/callbacks/tensorboard.ts";
import type { Learner } from "../src/train/learner.ts";
import { unetLearner } from "../src/train/unet-learner.node.ts";

const { values } = parseArgs({
  options: {
    python: { type: "string", default: process.env.SEGKIT_PYTHON ?? "python3" },
    out: { type: "string", default: "runs/tensorboard" },
  },
});
const [height, width] = [48, 64];
const log = join(values.out, "log");
const streets = join(values.out, "streets");

/** What was told, by tag and step: numbers; ids or colours of pictures as base64; least, greatest and number of weights. */
const told: Record<"scalars" | "images" | "histograms", Record<string, Record<number, unknown>>> = {
  ...{ scalars: {}, images: {}, histograms: {} },
};

function note(kind: keyof typeof told, tag: string, step: number, value: unknown): void {
  (told[kind][tag] ??= {})[step] = value;
}

const bytes = (data: Uint8Array | Int32Array): string => Buffer.from(Uint8Array.from(data)).toString("base64");

/** Writes down what callbacks are told, and what the learner says when it is asked. */
class Told implements Callback {
  readonly order = 91;
  readonly #learner: Learner;

  constructor(learner: Learner) {
    this.#learner = learner;
  }

  batchEnd({ pass, batches, batch, loss, lr, momentum }: FitState): void {
    const step = pass * batches + batch + 1;
    const numbers = { "loss/train": loss, "schedule/lr": lr.at(-1), "schedule/momentum": momentum };
    for (const [tag, value] of Object.entries(numbers)) note("scalars", tag, step, value);
    for (const [group, rate] of lr.entries()) note("scalars", `schedule/lr_group_${group}`, step, rate);
  }

  async epochEnd({ pass, batches, batch, history }: FitState, result: EpochResult): Promise<void> {
    const step = pass * batches + batch;
    const { data } = this.#learner;
    const { loss, metrics, confusion } = result.validation;
    note("scalars", "loss/valid", step, loss);
    note("scalars", "loss/train_smoothed", step, result.trainLoss);
    for (const [title, value] of Object.entries(metrics)) note("scalars", `metrics/${title}`, step, value);
    for (const [id, iou] of perClassIou(confusion, data.voidIndex).entries())
      if (iou !== null) note("scalars", `iou/${data.classes[id]}`, step, iou);
    for await (const { ids, images, truth, predictions } of this.#learner.getPreds({ withImages: true })) {
      const pixels = height * width;
      for (const [i, id] of ids.entries()) {
        const part = <T extends Uint8Array | Int32Array | Float32Array>(all: T, n = 1): T =>
          all.subarray(n * i * pixels, n * (i + 1) * pixels) as T;
        note("images", `pictures/${id}/prediction`, step, bytes(part(predictions)));
        if (history.length > 1) continue;
        note("images", `pictures/${id}/truth`, step, bytes(part(truth!)));
        const { data: rgb } = denormalize(part(images!, 3), { height, width }, data.stats);
        note("images", `pictures/${id}/picture`, step, bytes(rgb));
      }
    }
    for (const [name, { data: numbers }] of await this.#learner.stateDict()) {
      const [least, most] = [numbers.reduce((a, b) => Math.min(a, b)), numbers.reduce((a, b) => Math.max(a, b))];
      note("histograms", `weights/${name}`, step, [least, most, numbers.length]);
    }
  }
}

async function learnerWith(callbacks: readonly Callback[]): Promise<Learner> {
  const data = databunch(await openFolder(streets), { size: [height, width], batchSize: 4, seed: 1 });
  return unetLearner(data, "resnet18", { seed: 1, callbacks });
}

rmSync(values.out, { recursive: true, force: true });
mkdirSync(values.out, { recursive: true });
await writeStreets(streets, { train: 24, valid: 8, height, width, seed: 1 });
const logging = (): TensorBoard => new TensorBoard({ folder: log, pictures: 3 });
const [epochs, lr] = [3, slice(1e-4, 1e-3)];

const killed = await learnerWith([logging()]);
let checkpoint: Awaited<ReturnType<Learner["checkpoint"]>> | undefined;
let done = 0;
const kill: Callback = {
  order: 100,
  async batchEnd() {
    if (++done === 6) checkpoint = await killed.checkpoint();
    if (done === 9) throw new Error("killed");
  },
};
await killed.fitOneCycle(epochs, lr, { callbacks: [new Told(killed), kill] }).catch((error: unknown) => {
  if (!(error instanceof Error) || error.message !== "killed") throw error;
});
await killed.close();

const { position, weights, optimizer } = checkpoint!;
const resumed = await learnerWith([logging()]);
await resumed.engine.setState(weights);
await resumed.engine.setOptimizerState(optimizer);
await resumed.fitOneCycle(epochs, lr, { from: position, callbacks: [new Told(resumed)] });
await resumed.close();

const expected = join(values.out, "told.json");
const palette = resumed.data.palette.map((colour) => [...colour]);
writeFileSync(expected, JSON.stringify({ ...told, palette, height, width }));
const script = fileURLToPath(new URL("peers/tensorboard_check.py", import.meta.url));
const { status } = spawnSync(values.python, [script, log, expected], { stdio: "inherit" });
process.exitCode = status ?? 1;
