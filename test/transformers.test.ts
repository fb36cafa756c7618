/** @file The real Transformers.js loads what `segkit export --format huggingface` writes, and sees the same masks. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { exportModel } from "../src/export/export-model.ts";
import { huggingFaceFiles } from "../src/export/huggingface.ts";
import { Predictor } from "../src/inference/predictor.ts";
import { type ModelCard, modelOf } from "../src/inference/card.ts";
import { initialState } from "../src/nn/state.ts";
import { openRuntime } from "../src/runtime/ort.node.ts";
import { Random } from "../src/util/random.ts";
import { chromium, inBrowser } from "./support/browser.ts";
import { scene, tempFolder } from "./support/dataset.ts";
import { segmented } from "./support/segment.ts";

const classes = ["sky", "road", "car", "void"];
const card: ModelCard = {
  format: 1,
  architecture: {
    ...{ encoder: "mobilenetV3Large", channels: 3, blur: false, blurFinal: true, selfAttention: false, yRange: null },
    ...{ lastCross: true, bottle: false, normType: null },
  },
  ...{ classes, voidIndex: 3, palette: classes.map((_, i): [number, number, number] => [i, i, i]) },
  size: [48, 64],
  stats: { mean: [0.5, 0.4, 0.3], std: [0.25, 0.2, 0.3] },
};

const { image } = scene(48, 64, 4, new Random(2));
const other = scene(70, 90, 4, new Random(3)).image;
let files: Record<string, Uint8Array | string>;
/** Our own masks, in names. */
let expected: string[];
let folder: string;

beforeAll(async () => {
  const runtime = await openRuntime({ backend: "cpu", threads: 1 });
  const state = initialState(modelOf(card), new Random(1));
  files = huggingFaceFiles(await exportModel({ model: modelOf(card), state, data: card }, runtime));
  const predictor = new Predictor(runtime, card, state);
  expected = Array.from((await predictor.predict(image)).data, (id) => classes[id]!);
  await predictor.release();
  folder = await tempFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, "model", name)), { recursive: true });
    await writeFile(join(folder, "model", name), content);
  }
});

/** The share of pixels with the same class. Two of equal logits may fall either way. */
function agreement(actual: readonly string[]): number {
  return actual.filter((name, i) => name === expected[i]).length / expected.length;
}

test("the masks are worth comparing", () => {
  expect(new Set(expected).size).toBeGreaterThan(1);
});

test("in Node: the same masks, and masks of a picture's own size", async () => {
  expect(agreement(await segmented(folder, "model", image, "cpu"))).toBeGreaterThan(0.999);
  expect(await segmented(folder, "model", other, "cpu")).toHaveLength(70 * 90);
});

describe.skipIf(!chromium)(`in Chromium${chromium ? "" : " (skipped: there is none here)"}`, () => {
  test("the same masks", async () => {
    const served = Object.fromEntries(Object.entries(files).map(([name, content]) => [`model/${name}`, content]));
    const picture = JSON.stringify({ ...image, data: [...image.data] });
    const result = await inBrowser("transformers", 120, { ...served, "picture.json": picture });
    if (!Array.isArray(result)) expect.fail(JSON.stringify(result));
    expect(agreement(result as string[])).toBeGreaterThan(0.999);
  }, 150_000);
});
