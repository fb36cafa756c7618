/** @file The real Transformers.js loads what `segkit export --format huggingface` writes, and sees the same masks. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { prepareImage } from "../src/data/transforms/sample.ts";
import { exportModel } from "../src/export/export-model.ts";
import { huggingFaceFiles } from "../src/export/huggingface.ts";
import { type ModelCard, modelOf } from "../src/inference/card.ts";
import { loadPredictor, type NodePredictor } from "../src/inference/index.node.ts";
import type { Precision } from "../src/inference/model-spec.ts";
import { initialState } from "../src/nn/state.ts";
import { openRuntime } from "../src/runtime/ort.node.ts";
import { Random } from "../src/util/random.ts";
import { chromium, inBrowser } from "./support/browser.ts";
import { scene, tempFolder } from "./support/dataset.ts";
import { processed, segmented } from "./support/segment.ts";
import { smallFile } from "./support/small-file.ts";
import { agreementOf, compareClasses } from "./support/ties.ts";

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

const images = [scene(48, 64, 4, new Random(2)).image, scene(48, 64, 4, new Random(5)).image];
const other = scene(70, 90, 4, new Random(3)).image;
const precisions = ["fp32", "fp16", "int8"] as const satisfies readonly Precision[];

/** The files of every model, by their paths below the folder of models. */
const files: Record<string, Uint8Array | string> = {};
const predictors = new Map<Precision, NodePredictor>();
let folder: string;

beforeAll(async () => {
  folder = await tempFolder();
  const runtime = await openRuntime({ backend: "cpu", threads: 1 });
  const source = { model: modelOf(card), state: initialState(modelOf(card), new Random(1)), data: card };
  // Of the other precisions the network may be any: what they change is the files.
  const bytes = {
    fp32: (await exportModel(source, runtime)).bytes,
    fp16: await smallFile({ precision: "fp16" }, { size: card.size }),
    int8: await smallFile({ precision: "int8", calibration: pictures(), minAgreement: 0 }, { size: card.size }),
  } as const satisfies Record<Precision, Uint8Array>;
  for (const precision of precisions) {
    const predictor = await loadPredictor(bytes[precision], { threads: 1 });
    predictors.set(precision, predictor);
    const model = { bytes: bytes[precision], spec: predictor.spec };
    for (const [name, content] of Object.entries(huggingFaceFiles(model))) files[`${precision}/${name}`] = content;
  }
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
});

async function* pictures() {
  for (const image of images) yield { images: prepareImage(image, card), n: 1, height: 48, width: 64 };
}

/** How far the names of pixels agree with our own logits of a picture, ties aside. */
async function agreement(precision: Precision, i: number, names: readonly string[]): Promise<number> {
  const predictor = predictors.get(precision)!;
  const { names: classNames, stats, resize } = predictor.spec;
  const data = prepareImage(images[i]!, { size: resize.size, stats });
  const logits = await predictor.run({ data, shape: [1, 3, 48, 64] });
  const ids = names.map((name) => classNames.indexOf(name));
  return agreementOf(compareClasses(logits.data as Float32Array, classNames.length, ids));
}

describe.each(precisions)("%s", (precision) => {
  test("in Node: the same masks", async () => {
    const found = await segmented(folder, precision, images, "cpu");
    expect(new Set(found.flat()).size).toBeGreaterThan(1);
    for (const [i, names] of found.entries())
      expect(await agreement(precision, i, names)).toBeGreaterThanOrEqual(0.9999);
  });
});

test("of another size: the same logits for the pixels that the library makes of it; its masks have its size", async () => {
  const predictor = predictors.get("fp32")!;
  const { pixels, logits } = await processed(folder, "fp32", other, "cpu");
  expect(pixels.dims).toEqual([1, 3, 48, 64]);
  const [tensor] = await predictor.predictTensor({ data: pixels.data, shape: pixels.dims });
  expect(agreementOf(compareClasses(logits.data, 4, tensor!.data))).toBeGreaterThanOrEqual(0.9999);
  // How the picture becomes that size, and the logits the picture's, is the library's own: most classes are the same all the same.
  const [names = []] = await segmented(folder, "fp32", [other], "cpu");
  const { data } = await predictor.predict(other);
  expect(names).toHaveLength(70 * 90);
  expect(names.filter((name, at) => name === classes[data[at]!]).length / data.length).toBeGreaterThan(0.8);
});

describe.skipIf(!chromium)(`in Chromium${chromium ? "" : " (skipped: there is none here)"}`, () => {
  test("the same masks, of every precision", async () => {
    const pictures = images.map((image) => ({ ...image, data: [...image.data] }));
    const asked = JSON.stringify({ models: precisions, pictures });
    const result = (await inBrowser("transformers", 120, { ...files, "asked.json": asked })) as Record<
      Precision,
      string[][]
    >;
    if (!Array.isArray(result.fp32)) expect.fail(JSON.stringify(result));
    for (const precision of precisions)
      for (const [i, names] of result[precision].entries())
        expect(await agreement(precision, i, names)).toBeGreaterThanOrEqual(0.9999);
  }, 150_000);
});
