/** @file `segkit export`: the files it writes, what it says of them, and what it refuses. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { readModelSpec } from "../src/inference/read-spec.ts";
import { type ModelCard, modelOf } from "../src/inference/card.ts";
import { initialState } from "../src/nn/state.ts";
import { RunFolder } from "../src/train/run-folder.node.ts";
import { Random } from "../src/util/random.ts";
import { type CliResult, eventsOf, segkitHere } from "./support/cli.ts";
import { tempFolder, writeDataset } from "./support/dataset.ts";

const classes = ["sky", "road", "car", "void"];
const card: ModelCard = {
  format: 1,
  architecture: {
    ...{ encoder: "mobilenetV3Large", channels: 3, blur: false, blurFinal: true, selfAttention: false, yRange: null },
    ...{ lastCross: true, bottle: false, normType: null },
  },
  ...{ classes, voidIndex: 3, palette: classes.map((_, i): [number, number, number] => [i, i, i]) },
  size: [32, 48],
  stats: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
};

let root: string;
const at = (...names: string[]): string => join(root, ...names);
const exportRun = (...args: string[]): Promise<CliResult> => segkitHere(["export", ...args], { cwd: root });

/** A run of a network that was never trained: exporting does not mind. */
beforeAll(async () => {
  root = await tempFolder();
  const data = await writeDataset({ items: 6, valid: 2, height: 48, width: 64, classes });
  const run = new RunFolder(at("run"));
  await run.create();
  await run.writeArguments({ data, bs: 2, size: "32x48" });
  await run.writeWeights("best", initialState(modelOf(card), new Random(1)), card);
});

test("writes model.onnx into the run's folder and tells how it compares", async () => {
  const { code, stdout, stderr } = await exportRun("run", "--author", "Ada");
  expect([code, stderr]).toEqual([0, ""]);
  const lines = stdout.replaceAll(/\d\.\de-\d/g, "SMALL").split("\n");
  expect(lines).toEqual([
    "fp32 model with 4 classes, 20.4 MB, in run/model.onnx",
    ...["1 × 32×48", "1 × 32×47", "2 × 65×95"].map(
      (size) => `  as the live model at ${size}: 100.00 % of the classes, logits within SMALL of the largest`,
    ),
  ]);
  expect(readModelSpec(await readFile(at("run", "model.onnx")))).toMatchObject({ names: classes, run: "run" });
});

test("--precision int8 calibrates on the run's data and measures itself beside fp32", async () => {
  const { code, stdout } = await exportRun(
    ...["run", "--precision", "int8", "--out", "small.onnx", "--min-agreement", "0.5", "--json"],
  );
  expect(code).toBe(0);
  const { measured, bytes, spec } = eventsOf({ stdout }).find(({ event }) => event === "export")!;
  expect(measured).toEqual({
    agreement: expect.any(Number) as number,
    meanIou: { fp32: expect.any(Number) as number, int8: expect.any(Number) as number },
    pictures: 2,
  });
  expect(spec).toMatchObject({ precision: "int8" });
  expect((await stat(at("small.onnx"))).size).toBe(bytes);
});

test("--min-agreement that int8 does not reach leaves no file", async () => {
  const line = ["run", "--precision", "int8", "--out", "bad.onnx", "--min-agreement", "1", "--max-iou-loss", "1"];
  const { code, stderr } = await exportRun(...line);
  expect(code).toBe(6);
  expect(stderr).toMatch(/the class that fp32 gives them, on 2 pictures, below 100 %\n  Calibrate on more pictures/);
  await expect(stat(at("bad.onnx"))).rejects.toThrow("ENOENT");
});

test("--argmax, --uint8-input and --layout change what the file takes and gives", async () => {
  await exportRun(
    ...["run", "--out", "ids.onnx", "--precision", "fp16", "--argmax", "--uint8-input", "--layout", "NCHW"],
  );
  expect(readModelSpec(await readFile(at("ids.onnx")))).toMatchObject({
    input: { name: "pixels", dtype: "uint8", layout: "NCHW" },
    output: { name: "ids", kind: "ids" },
    precision: "fp16",
  });
});

test("--format huggingface writes a folder", async () => {
  const { stdout } = await exportRun("run", "--format", "huggingface", "--out", "hub");
  expect(stdout).toContain("in hub\n");
  for (const name of ["config.json", "preprocessor_config.json", "README.md", "onnx/model.onnx"])
    expect((await stat(at("hub", name))).isFile()).toBe(true);
});

test.each([
  ["export", "export: expected one run folder, but received none\n  Write segkit export RUN."],
  [
    "export run --opset 9",
    "export: expected an opset from 13 to 23, but received 9\n  Leave it out for 18, which every runtime of the last years reads.",
  ],
  [
    "export run --format huggingface --argmax",
    "export: Transformers.js prepares pictures and chooses classes itself\n  Leave out --uint8-input and --argmax.",
  ],
  [
    "export run --layout NCHW",
    "export: --layout is of the pixels that --uint8-input takes\n  Add --uint8-input, or leave --layout out.",
  ],
  ["export run --weights last", "run has no weights/last.safetensors yet\n  Train again, or use other --weights."],
])("%s", async (line, text) => {
  const { code, stderr } = await segkitHere(line.split(" "), { cwd: root });
  expect([code, stderr.trimEnd()]).toEqual([2, `segkit: ${text}`]);
});
