// Is segkit's training PyTorch's? After
//
//   npx segkit train --data FOLDER --size 96x128 --bs 8 --epochs 5 --seed 1 --out RUN
//
// npm run bench:parity -- --run RUN [--out DIR] [--python PATH] trains the same network with plain PyTorch
// (peers/parity.py), from the same initial weights, on the same batches, with the same schedule, and compares loss and
// metrics epoch by epoch. The batches are written to DIR (about 270 MB for CamVid).
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { dumpTraining } from "./batches.ts";
import { databunch } from "../src/data/databunch.node.ts";
import { openFolder } from "../src/data/folder.node.ts";
import { metrics } from "../src/metrics/index.ts";
import type { EncoderName } from "../src/models/encoders/index.ts";
import { layerGroups } from "../src/models/layer-groups.ts";
import { lrRange } from "../src/optim/groups.ts";
import { oneCycle } from "../src/optim/schedule.ts";
import { RunFolder } from "../src/train/run-folder.node.ts";
import { unetLearner } from "../src/train/unet-learner.node.ts";

const { values } = parseArgs({
  options: {
    run: { type: "string" },
    out: { type: "string", default: "runs/parity" },
    python: { type: "string", default: process.env.SEGKIT_PYTHON ?? "python3" },
  },
});
if (values.run === undefined) throw new Error("parity: name the folder of a finished run with --run");
const run = new RunFolder(values.run);
const args = await run.readArguments();
const [epochs, lr, seed, batchSize] = [args.epochs, args.lr, args.seed, args.bs].map(Number) as [
  number,
  number,
  number,
  number,
];
const size = String(args.size).split("x").map(Number) as [number, number];

const dataset = await openFolder(String(args.data));
const data = databunch(dataset, { size, batchSize, seed });
const learner = await unetLearner(data, args.encoder as EncoderName, { seed });
const groups = layerGroups(learner.model);
const schedule = oneCycle({
  maxLr: lrRange(lr, groups.length),
  batches: data.train.length * epochs,
  pctStart: Number(args.pctStart),
});

await dumpTraining(values.out, {
  ...{ data, weights: await learner.stateDict(), epochs },
  settings: {
    ...{ weightDecay: Number(args.wd), beta2: 0.99, eps: 1e-8 },
    schedule: Array.from({ length: schedule.batches }, (_, i) => ({
      lr: schedule.at(i).lr,
      momentum: schedule.at(i).mom,
    })),
    groups: Object.fromEntries(groups.flat().map(({ name, group }) => [name, group])),
  },
});
await learner.close();

const script = fileURLToPath(new URL("peers/parity.py", import.meta.url));
const { status } = spawnSync(values.python, [script, values.out], { stdio: "inherit" });
if (status !== 0) throw new Error(`parity: ${values.python} ${script} ended with ${status}`);

interface TorchEpoch {
  readonly trainLoss: number;
  readonly validLoss: number;
  readonly accCamvid: number;
  readonly meanIou: number;
}
const torch = JSON.parse(await readFile(join(values.out, "torch.json"), "utf8")) as {
  torch: string;
  epochs: TorchEpoch[];
};
const [header, ...lines] = (await readFile(run.file("results.csv"), "utf8")).trim().split("\n");
const columns = header!.split(",");
const column = (line: string, name: string): number => Number(line.split(",")[columns.indexOf(name)]);
const show = (name: string, epoch: number, numbers: readonly number[]): void =>
  console.log(`${name.padEnd(8)} ${String(epoch).padEnd(6)} ${numbers.map((n) => n.toFixed(4).padStart(10)).join("")}`);

console.log("         epoch      train     valid  accuracy  mean IoU     (accuracy without void)");
for (const [epoch, line] of lines.entries()) {
  const { trainLoss, validLoss, accCamvid, meanIou } = torch.epochs[epoch]!;
  const own = ["train_loss", "valid_loss", metrics.accCamvid.title, metrics.meanIou.title].map((name) =>
    column(line, name),
  );
  show("segkit", epoch, own);
  show("PyTorch", epoch, [trainLoss, validLoss, accCamvid, meanIou]);
}
const difference = column(lines.at(-1)!, metrics.accCamvid.title) - torch.epochs.at(-1)!.accCamvid;
console.log(
  `last epoch: segkit's accuracy without void is ${(100 * difference).toFixed(2)} points from PyTorch ${torch.torch}'s`,
);
