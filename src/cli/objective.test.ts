import { beforeAll, describe, expect, test } from "vitest";
import { tempFolder, writeDataset } from "../../test/support/dataset.ts";
import { runGraph } from "../../test/support/run-graph.ts";
import { classWeights } from "../data/class-frequencies.node.ts";
import type { SegmentationDataset } from "../data/dataset.ts";
import { openFolder } from "../data/folder.node.ts";
import { input } from "../graph/tensor.ts";
import { crossEntropy } from "../losses/cross-entropy.ts";
import type { Loss } from "../losses/loss.ts";
import { dice } from "../losses/overlap.ts";
import { sumLoss } from "../losses/sum-loss.ts";
import { RunFolder } from "../train/run-folder.node.ts";
import type { SegkitError } from "../util/errors.ts";
import { parseArguments } from "./arguments.ts";
import { maskOptionsOf, metricsOf, type ObjectiveOptions, objectiveOf, requireObjective } from "./objective.ts";
import { Output } from "./output.ts";
import { openRun } from "./open-run.ts";
import { trainOptions } from "./train-options.ts";

const lines: string[] = [];
const output = new Output({ json: false, out: (text) => lines.push(text), err: () => {}, terminal: false });
const io = { output, signal: new AbortController().signal };
const plain: ObjectiveOptions = { loss: "crossEntropy" };
let dataset: SegmentationDataset;
beforeAll(async () => {
  dataset = await openFolder(await writeDataset());
});

async function valueOf(loss: Loss): Promise<number> {
  const [x, y] = [input("x", [1, 4, 2, 2]), input("y", [1, 2, 2], "int32")];
  const feeds = new Map<typeof x, Float32Array | Int32Array>([
    [x, Float32Array.from({ length: 16 }, (_, i) => Math.sin(5 * i))],
    [y, Int32Array.of(0, 3, 1, 2)],
  ]);
  return Number((await runGraph({ loss: loss(x, y) }, feeds)).loss![0]);
}

test("a list of weights, and the class called void not counted", async () => {
  const weight = [1, 0.5, 2, 1];
  const { loss, classWeights: recorded } = await objectiveOf(
    { loss: "crossEntropy+0.5*dice", classWeights: "1, .5, 2, 1", ignoreIndex: "void" },
    dataset,
    io,
  );
  const expected = sumLoss([
    [1, crossEntropy({ weight, ignoreIndex: 3 })],
    [0.5, dice({ weight, ignoreIndex: 3 })],
  ]);
  expect(await valueOf(loss)).toBeCloseTo(await valueOf(expected), 6);
  expect(recorded).toBe("1,0.5,2,1");
});

test.each([
  ["auto", "median-frequency"],
  ["inverse", "inverse"],
  ["effective-number", "effective-number"],
] as const)("weights by %s are counted, said and recorded as numbers that give the same loss", async (text, method) => {
  lines.length = 0;
  const { loss, classWeights: recorded = "" } = await objectiveOf({ ...plain, classWeights: text }, dataset, io);
  const weight = await classWeights(dataset, { method });
  expect(weight[3]).toBe(0);
  for (const [c, w] of recorded.split(",").entries()) expect(Number(w)).toBeCloseTo(weight[c]!, 4);
  expect(lines.join("")).toMatch(new RegExp(`^class weights by ${method}: sky [\\d.]+, road .*, void 0\\.00\\n$`));
  const again = await objectiveOf({ ...plain, classWeights: recorded }, dataset, io);
  expect(again.classWeights).toBe(recorded);
  expect(await valueOf(again.loss)).toBe(await valueOf(loss));
});

test("metrics beside the two that are always there, each once", () => {
  const titles = (list?: string): string[] => metricsOf(list).map(({ title }) => title);
  expect(titles()).toEqual(["acc_camvid", "mean_iou"]);
  expect(titles("meanDice, meanIou,boundaryIou")).toEqual(["acc_camvid", "mean_iou", "mean_dice", "boundary_iou"]);
});

test("an id to ignore is an option of the masks, the word void is not", () => {
  expect(["255", "0", "void", undefined].map(maskOptionsOf)).toEqual([
    { ignoreIndex: 255 },
    { ignoreIndex: 0 },
    undefined,
    undefined,
  ]);
});

describe("refused", () => {
  const refusal = async (attempt: () => unknown): Promise<string> => {
    try {
      await attempt();
    } catch (error) {
      const { name, message, hint } = error as SegkitError;
      return `${name}: ${message} | ${hint}`;
    }
    return "accepted";
  };

  test("before the data is opened", async () => {
    const wrong: ObjectiveOptions[] = [
      { loss: "dise" },
      { ...plain, classWeights: "automatic" },
      { ...plain, classWeights: "1,,2" },
      { ...plain, classWeights: "0,0" },
      { ...plain, metrics: "meanIuo" },
      { ...plain, metrics: "" },
    ];
    const texts = await Promise.all(wrong.map((options) => refusal(() => requireObjective(options))));
    expect(texts.join("\n")).toMatchInlineSnapshot(`
      "ConfigError: loss: expected a known name, but received "dise" | Did you mean dice? Known losses: crossEntropy, focal, dice, jaccard, lovaszSoftmax, tversky.
      ConfigError: --class-weights: expected auto, a method or numbers of at least 0, but received "automatic" | Write auto, one of median-frequency, inverse, effective-number, or a list such as 1,0.5,2.
      ConfigError: --class-weights: expected auto, a method or numbers of at least 0, but received "1,,2" | Write auto, one of median-frequency, inverse, effective-number, or a list such as 1,0.5,2.
      ConfigError: --class-weights: expected auto, a method or numbers of at least 0, but received "0,0" | Write auto, one of median-frequency, inverse, effective-number, or a list such as 1,0.5,2.
      ConfigError: metric: expected a known name, but received "meanIuo" | Did you mean meanIou? Known metrics: accCamvid, pixelAccuracy, errorRate, meanIou, meanIouWithVoid, frequencyWeightedIou, meanDice, precision, recall, fBeta, cohenKappa, matthews, boundaryIou, diceBinary, iouBinary, topKAccuracy, perplexity.
      ConfigError: metric: expected a known name, but received "" | Known metrics: accCamvid, pixelAccuracy, errorRate, meanIou, meanIouWithVoid, frequencyWeightedIou, meanDice, precision, recall, fBeta, cohenKappa, matthews, boundaryIou, diceBinary, iouBinary, topKAccuracy, perplexity."
    `);
    expect(await refusal(() => parseArguments(["--ignore-index", "-1"], trainOptions))).toMatchInlineSnapshot(
      `"ConfigError: --ignore-index: expected a class id or void, but received "-1" | See segkit help."`,
    );
  });

  test("for the data", async () => {
    const counted = { ...plain, classWeights: "1,2" };
    expect(await refusal(() => objectiveOf(counted, dataset, io))).toMatchInlineSnapshot(
      `"ConfigError: --class-weights: expected 4 weights, but received 2 | Give one for each class, in this order: sky, road, car, void; or write auto."`,
    );
    const withoutVoid = { ...dataset, voidIndex: null };
    const wanted = { ...plain, ignoreIndex: "void" };
    expect(await refusal(() => objectiveOf(wanted, withoutVoid, io))).toMatchInlineSnapshot(
      `"ConfigError: --ignore-index: the data has no class void | Give the id of a class, its position in this list counted from 0: sky, road, car, void."`,
    );
  });
});

test("args.yaml brings the options back, and a resumed run may not change them", async () => {
  const run = new RunFolder(await tempFolder());
  const given = { loss: "crossEntropy+0.5*dice(smooth=1)", classWeights: "0.279,1,2e-7,0", ignoreIndex: "255" };
  const { options } = parseArguments(["--metrics", "meanDice", ...Object.entries(given).flatMap(flag)], trainOptions);
  await run.writeArguments(options);
  const stored = Object.fromEntries(
    Object.entries(await run.readArguments()).map(([key, value]) => [key, String(value)]),
  );
  expect(stored).toMatchObject({ ...given, metrics: "meanDice" });
  const changed = parseArguments(["--resume", "--out", run.path, "--loss", "dice"], trainOptions);
  await expect(openRun(changed.options, changed.given, io)).rejects.toThrow("--loss cannot change when a run goes on");
});

function flag([key, value]: [string, string]): string[] {
  return [`--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, value];
}
