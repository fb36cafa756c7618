// Does segkit train as the real fastai v1 does?
//
//   npm run bench:fastai -- steps --data FOLDER    same weights, same batches, same settings: the loss of every step
//   npm run bench:fastai -- train --data FOLDER    each with its own data block and transforms, three seeds each
//
// [--out DIR] [--python PATH] [--size HxW] [--bs N] [--epochs N] [--lr X] [--encoder NAME]; peers/README.md tells how to
// install fastai v1. What was printed stands in README.md.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { dumpTraining } from "./batches.ts";
import { databunch } from "../src/data/databunch.node.ts";
import { openFolder } from "../src/data/folder.node.ts";
import type { EncoderName } from "../src/models/encoders/index.ts";
import { slice } from "../src/optim/groups.ts";
import type { Callback } from "../src/train/callback.ts";
import { unetLearner } from "../src/train/unet-learner.node.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: "string" },
    out: { type: "string", default: "runs/fastai" },
    python: { type: "string", default: process.env.SEGKIT_PYTHON ?? "python3" },
    size: { type: "string", default: "64x96" },
    bs: { type: "string", default: "8" },
    epochs: { type: "string" },
    lr: { type: "string", default: "1e-3" },
    encoder: { type: "string", default: "resnet18" },
    seeds: { type: "string", default: "1,2,3" },
  },
});
if (values.data === undefined) throw new Error("fastai: name the dataset folder with --data");
const folder = values.data;
const [batchSize, lr] = [Number(values.bs), Number(values.lr)];
const size = values.size.split("x").map(Number) as [number, number];
mkdirSync(values.out, { recursive: true });

function fastai(mode: string, name: string, args: readonly string[]): unknown {
  const out = join(values.out, name);
  const script = fileURLToPath(new URL("peers/fastai_v1.py", import.meta.url));
  const { status } = spawnSync(values.python, [script, mode, ...args, "--out", out], { stdio: "inherit" });
  if (status !== 0) throw new Error(`fastai: ${values.python} ${script} ended with ${status}`);
  return JSON.parse(readFileSync(out, "utf8"));
}

async function steps(): Promise<void> {
  const epochs = Number(values.epochs ?? 2);
  const data = databunch(await openFolder(folder), { size, batchSize, transforms: [], seed: 1 });
  const learner = await unetLearner(data, values.encoder as EncoderName, { seed: 1 });
  const settings = { encoder: values.encoder, lr, pctStart: 0.3, weightDecay: 0.01 };
  await dumpTraining(values.out, { data, weights: await learner.stateDict(), epochs, settings });

  const losses: number[] = [];
  const recordLosses: Callback = { batchEnd: ({ loss }) => void losses.push(loss) };
  await learner.fitOneCycle(epochs, slice(lr), { callbacks: [recordLosses] });
  const lrs = [...learner.recorder.lrs];
  await learner.close();

  interface Peer {
    readonly fastai: string;
    readonly torch: string;
    readonly losses: readonly number[];
    readonly lrs: readonly number[];
  }
  const peer = fastai("steps", "steps.json", [values.out, "--threads", "2"]) as Peer;
  // How far fastai is from itself when only the order of its sums changes.
  const control = fastai("steps", "control.json", [values.out, "--threads", "1"]) as Peer;
  const gap = (a: readonly number[], b: readonly number[]): number[] => a.map((x, i) => Math.abs(x - b[i]!) / b[i]!);
  const [gaps, controlGaps] = [gap(losses, peer.losses), gap(control.losses, peer.losses)];
  console.log(" step     segkit  fastai v1   relative difference   fastai's own on one thread");
  for (const [i, loss] of losses.entries())
    if (i % 5 === 0 || i === losses.length - 1)
      console.log(
        `${String(i).padStart(5)} ${loss.toFixed(6).padStart(10)} ${peer.losses[i]!.toFixed(6).padStart(10)} ${gaps[i]!.toExponential(1).padStart(21)} ${controlGaps[i]!.toExponential(1).padStart(28)}`,
      );
  console.log(`fastai ${peer.fastai}, torch ${peer.torch}; ${losses.length} steps, highest rate ${lr}`);
  console.log(`learning rates: largest relative difference ${Math.max(...gap(lrs, peer.lrs)).toExponential(1)}`);
  for (const [who, all] of [
    ["segkit", gaps],
    ["fastai on one thread", controlGaps],
  ] as const) {
    const first = all.findIndex((g) => g > 1e-3);
    const within = first < 0 ? `all ${all.length}` : `the first ${first}`;
    const worst = Math.max(...all.slice(0, 50)).toExponential(1);
    console.log(`${who}: within 1e-3 for ${within} steps; largest difference of the first 50: ${worst}`);
  }
}

async function train(): Promise<void> {
  const epochs = values.epochs ?? "3";
  const rows: { who: string; seed: string; accuracy: number; iou: number }[] = [];
  for (const seed of values.seeds.split(",")) {
    const run = join(values.out, `segkit-${seed}`);
    rmSync(run, { recursive: true, force: true });
    const args = ["train", "--data", folder, "--size", values.size, "--bs", values.bs, "--epochs", epochs];
    args.push("--lr", values.lr, "--encoder", values.encoder, "--seed", seed, "--pretrained", "false");
    args.push("--transforms", "fastai", "--out", run);
    const { status } = spawnSync("node", [fileURLToPath(new URL("../bin/segkit.js", import.meta.url)), ...args], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (status !== 0) throw new Error(`fastai: segkit ${args.join(" ")} ended with ${status}`);
    const [header, ...lines] = readFileSync(join(run, "results.csv"), "utf8").trim().split("\n");
    const column = (name: string): number => Number(lines.at(-1)!.split(",")[header!.split(",").indexOf(name)]);
    rows.push({ who: "segkit", seed, accuracy: column("acc_camvid"), iou: column("mean_iou") });

    const peerArgs = [folder, "--size", values.size, "--bs", values.bs, "--epochs", epochs, "--lr", values.lr];
    const peer = fastai("train", `fastai-${seed}.json`, [
      ...peerArgs,
      ...["--encoder", values.encoder, "--seed", seed],
    ]) as { accCamvid: number; meanIou: number };
    rows.push({ who: "fastai v1", seed, accuracy: peer.accCamvid, iou: peer.meanIou });
    for (const row of rows.slice(-2)) show(row);
  }
  for (const who of ["segkit", "fastai v1"]) {
    const accuracies = rows.filter((row) => row.who === who).map(({ accuracy }) => accuracy);
    const mean = accuracies.reduce((sum, x) => sum + x, 0) / accuracies.length;
    const [low, high] = [Math.min(...accuracies), Math.max(...accuracies)];
    console.log(`${who.padEnd(9)} mean ${mean.toFixed(4)}, from ${low.toFixed(4)} to ${high.toFixed(4)}`);
  }
}

function show({ who, seed, accuracy, iou }: { who: string; seed: string; accuracy: number; iou: number }): void {
  console.log(
    `${who.padEnd(9)} seed ${seed}: accuracy without void ${accuracy.toFixed(4)}, mean IoU ${iou.toFixed(4)}`,
  );
}

const modes: Readonly<Record<string, () => Promise<void>>> = { steps, train };
const mode = modes[positionals[0] ?? ""];
if (!mode) throw new Error(`fastai: say which comparison: ${Object.keys(modes).join(" or ")}`);
await mode();
