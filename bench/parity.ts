// node --import tsx bench/parity.ts --data FOLDER [--out DIR] [--python PATH] [--epochs 5] [--size 96x128] [--bs 8]
//
// Trains the same network, from the same initial weights, on the same batches with the same schedule, once with segkit
// and once with plain PyTorch (peers/parity.py), and compares loss and metrics epoch by epoch.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { databunch } from "../src/data/databunch.node.ts";
import type { BatchLoader } from "../src/data/databunch.ts";
import { openFolder } from "../src/data/folder.node.ts";
import { metrics } from "../src/metrics/index.ts";
import { layerGroups } from "../src/models/layer-groups.ts";
import { encodeSafetensors } from "../src/nn/safetensors.ts";
import { lrRange } from "../src/optim/groups.ts";
import { oneCycle } from "../src/optim/schedule.ts";
import type { EpochResult } from "../src/train/callback.ts";
import { unetLearner } from "../src/train/unet-learner.node.ts";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    out: { type: "string", default: "runs/parity" },
    python: { type: "string", default: process.env.SEGKIT_PYTHON ?? "python3" },
    epochs: { type: "string", default: "5" },
    size: { type: "string", default: "96x128" },
    bs: { type: "string", default: "8" },
    lr: { type: "string", default: "1e-3" },
    seed: { type: "string", default: "1" },
  },
});
if (values.data === undefined) throw new Error("parity: name a dataset folder with --data");
const [epochs, lr, seed, batchSize] = [values.epochs, values.lr, values.seed, values.bs].map(Number) as [number, number, number, number];
const size = values.size.split("x").map(Number) as [number, number];
mkdirSync(values.out, { recursive: true });

const dataset = await openFolder(values.data);
const data = databunch(dataset, { size, batchSize, seed });
const learner = await unetLearner(data, "resnet34", { seed, metrics: [metrics.accCamvid, metrics.pixelAccuracy, metrics.meanIou] });
const groups = layerGroups(learner.model);
const schedule = oneCycle({ maxLr: lrRange(lr, groups.length), batches: data.train.length * epochs });

async function dump(file: string, loader: BatchLoader, times: number): Promise<number[]> {
  const handle = await open(join(values.out, file), "w");
  const sizes: number[] = [];
  for (let epoch = 0; epoch < times; epoch++)
    for await (const { images, masks, n } of loader.batches(epoch)) {
      await handle.write(new Uint8Array(images.buffer));
      await handle.write(new Uint8Array(masks.buffer));
      sizes.push(n);
    }
  await handle.close();
  return sizes;
}

await dump("train.bin", data.train, epochs);
const validSizes = await dump("valid.bin", data.valid, 1);
writeFileSync(join(values.out, "weights.safetensors"), Buffer.concat(encodeSafetensors(await learner.stateDict())));
const manifest = {
  ...{ classes: data.classes.length, voidIndex: data.voidIndex, batchSize, height: size[0], width: size[1], epochs },
  ...{ trainBatches: data.train.length, validSizes, weightDecay: 0.01, beta2: 0.99, eps: 1e-8 },
  schedule: Array.from({ length: schedule.batches }, (_, i) => ({ lr: schedule.at(i).lr, momentum: schedule.at(i).mom })),
  groups: Object.fromEntries(groups.flat().map(({ name, group }) => [name, group])),
};
writeFileSync(join(values.out, "manifest.json"), JSON.stringify(manifest));

interface Row {
  readonly trainLoss: number;
  readonly validLoss: number;
  readonly accCamvid: number;
  readonly pixelAccuracy: number;
  readonly meanIou: number;
  readonly seconds: number;
}

const rowOf = ({ trainLoss, validation, seconds }: EpochResult): Row => ({
  ...{ trainLoss, validLoss: validation.loss, seconds },
  accCamvid: validation.metrics[metrics.accCamvid.title]!,
  pixelAccuracy: validation.metrics[metrics.pixelAccuracy.title]!,
  meanIou: validation.metrics[metrics.meanIou.title]!,
});

const show = (name: string, epoch: number, row: Row): void =>
  console.log(
    `${name.padEnd(8)} epoch ${epoch}  train ${row.trainLoss.toFixed(4)}  valid ${row.validLoss.toFixed(4)}  acc without void ${row.accCamvid.toFixed(4)}  mIoU ${row.meanIou.toFixed(4)}  ${row.seconds.toFixed(0)} s`,
  );

const own: Row[] = [];
const epochEnd = (_: unknown, result: EpochResult): void => {
  own.push(rowOf(result));
  show("segkit", result.epoch, own.at(-1)!);
  writeFileSync(join(values.out, "segkit.json"), JSON.stringify({ epochs: own }, null, 2));
};
await learner.fitOneCycle(epochs, lr, { callbacks: [{ epochEnd }] });
await learner.close();

const script = fileURLToPath(new URL("peers/parity.py", import.meta.url));
const { status } = spawnSync(values.python, [script, values.out], { stdio: "inherit" });
if (status !== 0) throw new Error(`parity: ${values.python} ${script} ended with ${status}`);
const torch = JSON.parse(await readFile(join(values.out, "torch.json"), "utf8")) as { torch: string; epochs: Row[] };
for (const [epoch, row] of own.entries()) {
  show("segkit", epoch, row);
  show("PyTorch", epoch, torch.epochs[epoch]!);
}
const difference = 100 * (own.at(-1)!.accCamvid - torch.epochs.at(-1)!.accCamvid);
console.log(`last epoch: accuracy without void differs by ${difference.toFixed(2)} points (PyTorch ${torch.torch})`);
