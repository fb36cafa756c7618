/** @file `segkit/inference`: exported files predict as the live model does, in Node and in a browser. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { exportModel, type ExportOptions } from "../src/export/export-model.ts";
import { type ModelCard, modelOf } from "../src/inference/card.ts";
import {
  loadPredictor,
  type NodePredictor,
  openPictureRows,
  type PixelPicture,
  type ShapedValues,
} from "../src/inference/index.node.ts";
import { Predictor } from "../src/inference/predictor.ts";
import { initialState } from "../src/nn/state.ts";
import { decodeModel, encodeModel } from "../src/onnx/schema.ts";
import { openRuntime } from "../src/runtime/ort.node.ts";
import type { Runtime } from "../src/runtime/runtime.ts";
import { Random } from "../src/util/random.ts";
import { chromium, inBrowser } from "./support/browser.ts";
import { scene, tempFolder } from "./support/dataset.ts";
import { agreementOf, compareClasses } from "./support/ties.ts";

const classes = ["sky", "road", "car", "void"];
const card: ModelCard = {
  format: 1,
  architecture: {
    ...{ encoder: "mobilenetV3Large", channels: 3, blur: false, blurFinal: true, selfAttention: false, yRange: null },
    ...{ lastCross: true, bottle: false, normType: null },
  },
  ...{ classes, voidIndex: 3, palette: classes.map((_, i): [number, number, number] => [i, 60 * i, 255]) },
  size: [48, 64],
  stats: { mean: [0.5, 0.4, 0.3], std: [0.25, 0.2, 0.3] },
};
const picture = (height: number, width: number, seed = 2): PixelPicture =>
  scene(height, width, 4, new Random(seed)).image;

let runtime: Runtime;
let bytes: Uint8Array;
let predictor: NodePredictor;
const exported = async (options: ExportOptions = {}, seed = 1): Promise<Uint8Array> => {
  const source = { model: modelOf(card), state: initialState(modelOf(card), new Random(seed)), data: card };
  return (await exportModel(source, runtime, options)).bytes;
};

beforeAll(async () => {
  runtime = await openRuntime({ backend: "cpu", threads: 2 });
  bytes = await exported();
  predictor = await loadPredictor(bytes, { threads: 2 });
});

function agreement(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).filter((id, i) => id === b[i]).length / a.length;
}

/** The live model's masks. */
async function live(image: PixelPicture): Promise<Uint8Array> {
  const state = initialState(modelOf(card), new Random(1));
  const model = new Predictor(runtime, card, state);
  const { data } = await model.predict({ ...image, data: Uint8Array.from(image.data) });
  await model.release();
  return data;
}

describe("a picture", () => {
  test.each([
    [48, 64],
    [70, 90],
    [33, 150],
    [200, 20],
  ])("of %i×%i has the live model's classes", async (height, width) => {
    const image = picture(height, width);
    const { data, ...size } = await predictor.predict(image);
    expect(size).toMatchObject({ height, width });
    expect(new Set(data).size).toBeGreaterThan(1);
    expect(agreement(data, await live(image))).toBeGreaterThan(0.999);
  });

  test("with alpha, from a file, and in a batch is the same", async () => {
    const [a, b] = [picture(50, 60), picture(30, 90, 5)];
    const alpha = Uint8ClampedArray.from({ length: 4 * 50 * 60 }, (_, i) =>
      i % 4 === 3 ? 7 : a.data[3 * Math.floor(i / 4) + (i % 4)]!,
    );
    const file = join(await tempFolder(), "picture.png");
    await sharp(a.data, { raw: { channels: 3, height: 50, width: 60 } })
      .png()
      .toFile(file);
    const [first, second] = [await predictor.predict(a), await predictor.predict(b)];
    expect(await predictor.predict({ ...a, data: alpha })).toEqual(first);
    expect(await predictor.predict(file)).toEqual(first);
    expect(await predictor.predict(await readFile(file))).toEqual(first);
    const blob = new Blob([await readFile(file)]);
    expect(await predictor.predict(blob)).toEqual(first);
    expect(await predictor.predict(await blob.arrayBuffer())).toEqual(first);
    const batch = await predictor.predictBatch([file, b]);
    expect(batch.map(({ data }, i) => agreement(data, [first, second][i]!.data))).toEqual([1, 1]);
  });

  test("comes with shares, confidence, probabilities and colours", async () => {
    const image = picture(40, 50);
    const {
      data,
      classes: found,
      probabilities,
      overlay,
    } = await predictor.predict(image, {
      ...{ probabilities: true, overlay: 1 },
    });
    const pixels = 40 * 50;
    expect(found.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
    for (const { id, name, color, share, confidence } of found) {
      const own = Array.from({ length: pixels }, (_, i) => i).filter((i) => data[i] === id);
      expect([name, color, share]).toEqual([classes[id], card.palette[id], own.length / pixels]);
      const mean = own.reduce((sum, i) => sum + probabilities![id * pixels + i]!, 0) / own.length;
      expect(confidence).toBeCloseTo(mean, 5);
      expect([...overlay!.data.subarray(3 * own[0]!, 3 * own[0]! + 3)]).toEqual(color);
    }
    for (const i of [0, 999, pixels - 1])
      expect(classes.reduce((sum, _, c) => sum + probabilities![c * pixels + i]!, 0)).toBeCloseTo(1, 5);
  });

  test("may be seen at its own size, or another", async () => {
    const image = picture(81, 97);
    const wide = picture(48, 64);
    expect(await predictor.predict(wide, { size: "original" })).toEqual(await predictor.predict(wide));
    const [original, same] = [
      await predictor.predict(image, { size: "original" }),
      await predictor.predict(image, { size: [81, 97] }),
    ];
    expect(original).toEqual(same);
    expect(agreement(original.data, (await predictor.predict(image)).data)).toBeLessThan(1);
  });

  test("whose pixels do not fit its size", async () => {
    await expect(
      predictor.predict({ data: new Uint8Array(10), height: 2, width: 2 }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: predict: expected 12 or 16 values for a picture of 2×2, but received 10]`,
    );
  });
});

/** Pictures of one size as float32 [n, 3, height, width], normalised. */
function normalised(images: readonly PixelPicture[]): ShapedValues {
  const [{ height, width }] = images as [PixelPicture];
  const pixels = height * width;
  const values = images.flatMap(({ data }) =>
    Array.from({ length: 3 * pixels }, (_, i) => {
      const [c, at] = [Math.floor(i / pixels), i % pixels];
      return (data[3 * at + c]! / 255 - card.stats.mean[c]!) / card.stats.std[c]!;
    }),
  );
  return { data: Float32Array.from(values), shape: [images.length, 3, height, width] };
}

describe("values of the network's own input", () => {
  const images = [picture(48, 64), picture(48, 64, 9)];

  test("give what the pictures give", async () => {
    const options = { probabilities: true };
    const [tensors, pictures] = [
      await predictor.predictTensor(normalised(images), options),
      await predictor.predictBatch(images, options),
    ];
    expect(tensors.map(({ height, width }) => [height, width])).toEqual([
      [48, 64],
      [48, 64],
    ]);
    for (const [i, { data, classes: found, probabilities }] of tensors.entries()) {
      expect(agreement(data, pictures[i]!.data)).toBeGreaterThan(0.999);
      expect(found.map(({ name }) => name)).toEqual(pictures[i]!.classes.map(({ name }) => name));
      for (let at = 0; at < probabilities!.length; at += 97)
        expect(probabilities![at]).toBeCloseTo(pictures[i]!.probabilities![at]!, 4);
    }
  });

  test("give raw logits, whose best classes are the mask's", async () => {
    const { data, shape } = await predictor.run(normalised([images[0]!]));
    expect(shape).toEqual([1, 4, 48, 64]);
    const ids = Array.from({ length: 48 * 64 }, (_, at) => {
      const logits = classes.map((_, c) => data[c * 48 * 64 + at]!);
      return logits.indexOf(Math.max(...logits));
    });
    expect(agreement(ids, (await predictor.predict(images[0]!)).data)).toBeGreaterThan(0.999);
  });

  test("that are none", async () => {
    const values = (data: Float32Array | Uint8Array, ...shape: number[]): ShapedValues => ({ data, shape });
    await expect(
      predictor.run(values(new Uint8Array(3 * 48 * 64), 1, 3, 48, 64)),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: predict: expected float32 values [N, 3, H, W] of at least 32×32 pixels, but received 9216 of uint8 as [1, 3, 48, 64]]`,
    );
    for (const wrong of [
      values(new Float32Array(3 * 48 * 64), 1, 48, 64, 3),
      values(new Float32Array(3 * 48 * 64), 3, 48, 64),
      values(new Float32Array(7), 1, 3, 48, 64),
      values(new Float32Array(3 * 16 * 64), 1, 3, 16, 64),
      values(new Float32Array(), 0, 3, 48, 64),
    ])
      await expect(predictor.predictTensor(wrong)).rejects.toThrow(/^predict: expected float32 values \[N, 3, H, W\]/);
  });
});

test("files that take uint8 pixels and give ids", async () => {
  const image = picture(48, 64);
  const expected = await live(image);
  for (const uint8Input of ["NHWC", "NCHW"] as const) {
    const small = await loadPredictor(await exported({ uint8Input, argMax: true }));
    const { data, classes: found } = await small.predict(image);
    expect(agreement(data, expected)).toBeGreaterThan(0.999);
    expect(found[0]!.confidence).toBeNull();
    expect((await small.predict(picture(70, 90))).data).toHaveLength(70 * 90);
    await expect(small.predict(image, { tta: {} })).rejects.toThrow("views are averaged from logits");
    const pixels = Uint8Array.from(image.data);
    const [values, shape] = uint8Input === "NHWC" ? [pixels, [1, 48, 64, 3]] : [planar(pixels), [1, 3, 48, 64]];
    const [tensor] = await small.predictTensor({ data: values, shape });
    expect(agreement(tensor!.data, data)).toBe(1);
    await small.release();
  }
});

function planar(pixels: Uint8Array): Uint8Array {
  const plane = pixels.length / 3;
  return pixels.map((_, i) => pixels[3 * (i % plane) + Math.floor(i / plane)]!);
}

/** A file that says its pictures have another mean. */
function otherwiseNormalised(file: Uint8Array): Uint8Array {
  const { metadataProps = [], ...model } = decodeModel(file);
  const props = metadataProps.map(({ key, value }) => ({ key, value: value.replace('"mean":[0.5', '"mean":[0.6') }));
  return encodeModel({ ...model, metadataProps: props });
}

/** A picture, left and right exchanged. */
function mirror(data: Uint8Array | Uint8ClampedArray, width: number, channels: number): Uint8Array {
  return Uint8Array.from(data, (_, i) => {
    const [pixel, c] = [Math.floor(i / channels), i % channels];
    return data[channels * (pixel - 2 * (pixel % width) + width - 1) + c]!;
  });
}

test("test-time augmentation: a mirrored picture has the mirrored mask", async () => {
  const image = picture(48, 64);
  const tta = { scales: [1], beta: 0.5 };
  const turned = { ...image, data: mirror(image.data, 64, 3) };
  const both = [await predictor.predict(image, { tta }), await predictor.predict(turned, { tta })];
  expect(agreement(both[0]!.data, mirror(both[1]!.data, 64, 1))).toBeGreaterThan(0.999);
  const plain = [await predictor.predict(image), await predictor.predict(turned)];
  expect(agreement(plain[0]!.data, mirror(plain[1]!.data, 64, 1))).toBeLessThan(0.99);
});

test("several models: their probabilities are averaged", async () => {
  const image = picture(40, 50);
  const other = await exported({}, 7);
  const [second, both] = [await loadPredictor(other), await loadPredictor([bytes, other])];
  const options = { probabilities: true };
  const all = await Promise.all([predictor, second, both].map((each) => each.predict(image, options)));
  const [p, q, mean] = all.map(({ probabilities }) => probabilities!);
  for (let i = 0; i < p!.length; i += 37) expect(mean![i]).toBeCloseTo((p![i]! + q![i]!) / 2, 5);
  const small = picture(48, 64);
  const values = normalised([small, small]);
  const [first, , third] = await Promise.all(
    [predictor, second, both].map((each) => each.predictTensor(values, options)),
  );
  const expected = (await both.predict(small, options)).probabilities!;
  for (const { probabilities } of third!)
    for (let i = 0; i < expected.length; i += 37) expect(probabilities![i]).toBeCloseTo(expected[i]!, 4);
  expect(first![0]!.probabilities).not.toEqual(third![0]!.probabilities);
  const pixels = await loadPredictor([bytes, otherwiseNormalised(bytes)]);
  await expect(pixels.run(values)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: predict: the models take different inputs, so no values suit them all]`,
  );
  expect((await pixels.predict(small)).data).toHaveLength(48 * 64);
  await pixels.release();
  await Promise.all([second.release(), both.release()]);
});

describe("windows", () => {
  test("one that covers the picture changes nothing", async () => {
    const image = picture(48, 64);
    const { data } = await predictor.predict(image, { window: {} });
    expect(agreement(data, (await predictor.predict(image)).data)).toBeGreaterThan(0.999);
  });

  test("many cover a large picture, without a seam, whatever the batch", async () => {
    const image = picture(131, 170);
    const window = { size: [48, 64], overlap: 0.5 } as const;
    const { data, probabilities } = await predictor.predict(image, { window, probabilities: true });
    expect(data).toHaveLength(131 * 170);
    for (let i = 0; i < data.length; i += 97)
      expect(classes.reduce((sum, _, c) => sum + probabilities![c * data.length + i]!, 0)).toBeCloseTo(1, 4);
    const batched = await predictor.predict(image, { window: { ...window, batch: 3 } });
    expect(agreement(data, batched.data)).toBeGreaterThan(0.999);
    // In the middle of the only window that sees it mostly, a pixel is as that window alone has it.
    const corner = { data: crop(image, 48, 64), height: 48, width: 64 };
    const { data: alone } = await predictor.predict(corner);
    expect(data[0]).toBe(alone[0]);
  });

  test("a file is read a strip at a time, its mask comes row by row", async () => {
    const image = picture(150, 80);
    const file = join(await tempFolder(), "tall.png");
    await sharp(image.data, { raw: { channels: 3, height: 150, width: 80 } })
      .png()
      .toFile(file);
    const source = await openPictureRows(file);
    await rm(file);
    const asked: number[] = [];
    const rows = (top: number, height: number) => {
      asked.push(height);
      return source.rows(top, height);
    };
    const ids: number[] = [];
    for await (const part of predictor.predictRows({ ...source, rows })) {
      expect(part.top).toBe(ids.length / 80);
      ids.push(...part.data);
    }
    expect(asked).toEqual([48, 48, 48, 48, 48, 48]);
    expect(agreement(ids, (await predictor.predict(image, { window: {} })).data)).toBe(1);
    await source.close();
  });

  test("seen several times, in a batch of pictures, are as a mirrored picture's", async () => {
    const [a, b] = [picture(60, 100), picture(70, 64, 5)];
    const options = { window: { overlap: 0.25 }, tta: { scales: [1], beta: 0.5 } };
    const [first, second] = await predictor.predictBatch([a, b], options);
    expect([first!.data.length, second!.data.length]).toEqual([60 * 100, 70 * 64]);
    const [turned] = await predictor.predictBatch([{ ...a, data: mirror(a.data, 100, 3) }], options);
    expect(agreement(first!.data, mirror(turned!.data, 100, 1))).toBeGreaterThan(0.999);
    const plain = await predictor.predict(a, { window: { overlap: 0.25 } });
    expect(agreement(first!.data, plain.data)).toBeLessThan(0.999);
  });

  test("of a picture below the network's least size, which is brought to it; no others below it, nor of another size", async () => {
    const { data } = await predictor.predict(picture(20, 90), { window: {} });
    expect(data).toHaveLength(20 * 90);
    await expect(
      predictor.predict(picture(48, 90), { window: { size: [20, 64] } }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: predict: expected windows of at least 32×32, but received 20×64]`,
    );
    await expect(
      predictor.predict(picture(48, 90), { window: {}, size: "original" }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: predict: windows go over a picture at its own resolution, so no size can be chosen]`,
    );
    await expect(
      predictor.predict(picture(48, 90), { window: { overlap: 1 } }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: predict: overlap: expected a share from 0 to below 1, but received 1]`,
    );
  });
});

function crop({ data, width }: PixelPicture, height: number, columns: number): Uint8Array {
  return Uint8Array.from({ length: 3 * height * columns }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % columns, Math.floor(i / 3 / columns), i % 3];
    return data[3 * (y * width + x) + c]!;
  });
}

describe("loading", () => {
  test("from a path; WebAssembly gives the same", async () => {
    const file = join(await tempFolder(), "model.onnx");
    await writeFile(file, bytes);
    const wasm = await loadPredictor(file, { backend: "wasm", threads: 1 });
    expect(wasm.backend).toBe("wasm, 1 thread");
    const image = picture(60, 60);
    const { probabilities } = await predictor.predict(image, { probabilities: true });
    const { data } = await wasm.predict(image);
    expect(agreementOf(compareClasses(probabilities!, 4, data))).toBeGreaterThanOrEqual(0.9999);
    await wasm.release();
  });

  test("what is no exported file", async () => {
    await expect(loadPredictor("nowhere.onnx")).rejects.toThrow(/^nowhere.onnx: cannot be read/);
    await expect(loadPredictor(Uint8Array.of(1, 2, 3))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[CorruptFileError: model: it is not an ONNX file, or it is damaged]`,
    );
    await expect(loadPredictor(new Uint8Array())).rejects.toThrowErrorMatchingInlineSnapshot(
      `[CorruptFileError: model: its metadata holds no seg.spec]`,
    );
    await expect(loadPredictor([])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: predict: expected at least one model, but received none]`,
    );
    await expect(loadPredictor(bytes.subarray(0, 1000))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[CorruptFileError: model: it is not an ONNX file, or it is damaged]`,
    );
  });
});

test.each(["web", "node"])("the bundle for %s is small and holds nothing that trains", async (where) => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL(`../src/inference/index.${where}.ts`, import.meta.url))],
    ...{ bundle: true, write: false, minify: true, metafile: true, format: "esm", outfile: "out.js" },
    platform: where === "web" ? "browser" : "node",
    external: ["onnxruntime-*", "onnxruntime-web/webgpu", "sharp"],
  });
  const [{ bytes: size, inputs }] = Object.values(metafile.outputs) as [(typeof metafile.outputs)[string]];
  const rooms = new Set(Object.keys(inputs).flatMap((file) => /^src\/(\w+)\//.exec(file)?.[1] ?? []));
  expect([...rooms].toSorted()).toEqual(["data", "inference", "runtime", "util"]);
  expect(size).toBeLessThan(110_000);
});

describe.skipIf(!chromium)(`in Chromium${chromium ? "" : " (skipped: there is none here)"}`, () => {
  test.each(["wasm", "webgpu"])(
    "the same classes on %s, from pixels, a canvas, a Blob and its bytes",
    async (backend) => {
      const { data, height, width } = picture(70, 90);
      const rgba = Array.from({ length: 4 * height * width }, (_, i) =>
        i % 4 === 3 ? 255 : data[3 * Math.floor(i / 4) + (i % 4)]!,
      );
      const png = await sharp(data, { raw: { channels: 3, height, width } })
        .png()
        .toBuffer();
      const asked = JSON.stringify({ backend, data: rgba, height, width });
      const served = { "model.onnx": bytes, "picture.json": asked, "picture.png": png };
      const result = (await inBrowser("inference", 120, served)) as { backend: string; masks: number[][] };
      if (!("masks" in result)) expect.fail(JSON.stringify(result));
      expect(result.backend).toMatch(backend === "wasm" ? /^wasm, \d+ threads?$/ : /^webgpu$/);
      expect(result.masks).toHaveLength(backend === "wasm" ? 4 : 1);
      const { probabilities } = await predictor.predict(picture(70, 90), { probabilities: true });
      for (const ids of result.masks)
        expect(agreementOf(compareClasses(probabilities!, 4, ids))).toBeGreaterThanOrEqual(0.9999);
    },
    150_000,
  );
});
