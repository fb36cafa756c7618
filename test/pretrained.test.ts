import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { databunch } from "../src/data/databunch.node.ts";
import { openFolder } from "../src/data/folder.node.ts";
import { type EncoderName, encoders } from "../src/models/encoders/index.ts";
import type { WeightsReport } from "../src/models/match-weights.ts";
import type { StateDict } from "../src/nn/state.ts";
import { unetLearner } from "../src/train/unet-learner.node.ts";
import { segkit } from "./support/cli.ts";
import { tempFolder, writeDataset } from "./support/dataset.ts";
import { goldenState } from "./support/hash-fill.ts";
import { torchStateDict } from "./support/pickles.ts";

const name: EncoderName = "efficientnetLite0";
const slow = 300_000;

const sameValues = (a: Float32Array, b: Float32Array): boolean => a.every((value, i) => value === b[i]);

let folder: string;
let data: string;
let file: string;
let weights: StateDict;

beforeAll(async () => {
  folder = await tempFolder();
  data = await writeDataset({ items: 4, valid: 2, height: 48, width: 64 });
  file = join(folder, "encoder.pth");
  // timm's names are the encoder's own.
  weights = goldenState(encoders[name]());
  await writeFile(
    file,
    torchStateDict(
      new Map([...weights, ["classifier.bias", { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) }]]),
    ),
  );
});

test("a learner begins with an encoder's weights, and frozen", { timeout: slow }, async () => {
  const bunch = databunch(await openFolder(data), { size: [32, 48], batchSize: 2, workers: 0 });
  const reports: WeightsReport[] = [];
  const onPretrained = (report: WeightsReport): void => void reports.push(report);
  const learn = await unetLearner(bunch, encoders[name], { pretrained: file, onPretrained, threads: 1 });
  expect(reports).toMatchObject([
    { part: "encoder", names: "timm", loaded: weights.size, missing: [], unexpected: ["classifier.bias"] },
  ]);
  const before = await learn.stateDict();
  for (const [own, { data: values }] of weights)
    expect(sameValues(before.get(`layers.0.${own}`)!.data, values), own).toBe(true);

  await learn.fitOneCycle(1, 1e-2);
  const after = await learn.stateDict();
  const changed = (key: string): boolean => after.get(key)!.data.some((value, i) => value !== before.get(key)!.data[i]);
  expect(changed("layers.0.blocks.6.0.conv_pwl.weight")).toBe(false);
  expect(changed("layers.0.blocks.6.0.bn3.weight")).toBe(true);
  expect(changed("layers.3.0.0.weight")).toBe(true);
  await learn.close();
});

test("the command line says how the weights fit, and the run's model predicts", { timeout: slow }, async () => {
  const run = ["--encoder", name, "--size", "32x48", "--bs", "2", "--epochs", "1", "--workers", "0", "--out", "run"];
  const trained = await segkit(["train", "--data", data, "--pretrained", file, ...run], { cwd: folder });
  expect(trained).toMatchObject({ code: 0 });
  expect(trained.stdout).toContain(
    `weights from ${file} (encoder, names of timm: ${weights.size} of ${weights.size} tensors; not used: classifier.bias)`,
  );
  const predicted = await segkit(["predict", "run", join(data, "images"), "--out", "masks"], { cwd: folder });
  expect(predicted).toMatchObject({ code: 0 });
  expect(predicted.stdout).toContain("4 pictures predicted: masks, overlays in masks");
});
