/** @file Predictions over HTTP with a real model. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeCocoRle } from "../src/data/coco-rle.ts";
import { decodeImage } from "../src/data/decode.node.ts";
import type { IdMask } from "../src/data/image.ts";
import { decodeMaskPng, encodeMaskPng } from "../src/data/mask-png.ts";
import { overlay } from "../src/data/overlay.ts";
import { distinctColours } from "../src/data/palette.ts";
import { exportOnnx } from "../src/export/export-onnx.node.ts";
import { type ModelCard, modelOf } from "../src/inference/card.ts";
import { Predictor } from "../src/inference/predictor.ts";
import { readWeights, writeWeights } from "../src/inference/weights.node.ts";
import { initialState } from "../src/nn/state.ts";
import { openRuntime } from "../src/runtime/ort.node.ts";
import { modelOpener } from "../src/serve/open-model.node.ts";
import { rleAnswer, sharesAnswer } from "../src/serve/schemas.ts";
import type { OpenModel } from "../src/serve/served-model.ts";
import { type PredictionServer, servePredictions } from "../src/serve/server.node.ts";
import { CorruptFileError } from "../src/util/errors.ts";
import { Random } from "../src/util/random.ts";
import { scene, tempFolder } from "./support/dataset.ts";
import { post, problemIn } from "./support/server.ts";

const card: ModelCard = {
  format: 1,
  architecture: {
    ...{ encoder: "mobilenetV3Large", channels: 3, blur: false, blurFinal: true, selfAttention: false, yRange: null },
    ...{ lastCross: true, bottle: true, normType: null },
  },
  ...{ classes: ["sky", "road", "car"], voidIndex: null, palette: distinctColours(3).map(([r, g, b]) => [r, g, b]) },
  size: [32, 40],
  stats: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
};

let open: OpenModel;
let server: PredictionServer;
let predictor: Predictor;
let folder: string;

beforeAll(async () => {
  folder = await tempFolder();
  const file = join(folder, "tiny.safetensors");
  const state = initialState(modelOf(card), new Random(1));
  await writeWeights(file, state, card);
  predictor = new Predictor(await openRuntime(), card, state);
  open = await modelOpener(file, { threads: 1 });
  server = await servePredictions(open, { port: 0, version: "1.2.3" });
  await server.ready;
});

afterAll(async () => {
  await server.close();
  await predictor.release();
});

/** A picture as the bytes of a PNG, and its mask as the predictor gives it. */
async function pictureWithMask(
  seed: number,
  height: number,
  width: number,
): Promise<{ png: Buffer<ArrayBuffer>; mask: IdMask }> {
  const { image } = scene(height, width, 3, new Random(seed));
  const png = await sharp(image.data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  return { png: Buffer.from(png), mask: await predictor.predict(image) };
}

const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

test("gives the mask that the predictor gives, at the picture's size, whatever the kind of body", async () => {
  const { png, mask } = await pictureWithMask(2, 24, 33);
  const expected = Buffer.from(encodeMaskPng(mask, card.palette));
  expect(new Set(mask.data).size).toBeGreaterThan(1);
  const response = await post(server.url, png);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("image/png");
  expect(response.headers.get("server-timing")).toMatch(
    /^queue;dur=\d+\.\d, decode;dur=\d+\.\d, predict;dur=\d+\.\d, encode;dur=\d+\.\d$/,
  );
  expect((await bytesOf(response)).equals(expected)).toBe(true);
  const form = new FormData();
  form.append("picture", new Blob([png]), "photo.png");
  const sent = await fetch(`${server.url}/predict`, { method: "POST", body: form });
  expect((await bytesOf(sent)).equals(expected)).toBe(true);
  const any = await post(server.url, png, { "Content-Type": "image/*", Accept: "image/avif,image/webp,*/*;q=0.8" });
  expect((await bytesOf(any)).equals(expected)).toBe(true);
});

test("as JSON, says how much of each class there is, and how long it took", async () => {
  const { png, mask } = await pictureWithMask(3, 40, 40);
  const response = await post(server.url, png, { Accept: "application/json" });
  expect(response.headers.get("content-type")).toBe("application/json");
  const { size, classes } = sharesAnswer.strict().parse(await response.json());
  expect(size).toEqual({ height: 40, width: 40 });
  expect(classes.map(({ name }) => name)).toEqual(card.classes);
  for (const { id, pixels, share, colour } of classes) {
    expect(pixels).toBe(mask.data.filter((each) => each === id).length);
    expect(share).toBeCloseTo(pixels / 1600, 12);
    expect([1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16))).toEqual(card.palette[id]);
  }
});

test("as RLE, says where the classes are", async () => {
  const { png, mask } = await pictureWithMask(4, 21, 50);
  const response = await post(server.url, png, { Accept: "application/vnd.segkit.rle+json" });
  const { segments } = rleAnswer.strict().parse(await response.json());
  expect(segments.map(({ id }) => id)).toEqual([...new Set(mask.data)].toSorted((a, b) => a - b));
  for (const { id, rle } of segments)
    expect(decodeCocoRle(rle).data).toEqual(mask.data.map((each) => Number(each === id)));
});

test("as JPEG, shows the mask's colours over the picture, as strong as wished", async () => {
  const { png, mask } = await pictureWithMask(5, 64, 48);
  const image = await decodeImage(png);
  for (const [query, opacity] of [
    ["", 0.5],
    ["?opacity=0", 0],
    ["?opacity=1", 1],
  ] as const) {
    const response = await fetch(`${server.url}/predict${query}`, {
      ...{ method: "POST", body: png },
      headers: { "Content-Type": "image/png", Accept: "image/jpeg" },
    });
    const shown = await decodeImage(await bytesOf(response));
    const expected = overlay(image, mask, card.palette, opacity);
    const far =
      expected.data.reduce((sum, value, i) => sum + Math.abs(value - shown.data[i]!), 0) / expected.data.length;
    expect(far, `opacity ${opacity}`).toBeLessThan(25);
  }
});

test("answers many requests at a time, each with the mask of its own picture", async () => {
  const pictures: Awaited<ReturnType<typeof pictureWithMask>>[] = [];
  for (let i = 1; i <= 6; i++) pictures.push(await pictureWithMask(10 + i, 20 + i, 30 + 2 * i));
  const answered = Array.from({ length: 60 }, async (_, i) => {
    const { png, mask } = pictures[i % pictures.length]!;
    const response = await post(server.url, png);
    expect(response.status).toBe(200);
    expect(decodeMaskPng(await bytesOf(response), "answer")).toEqual({ ...mask, data: Uint8Array.from(mask.data) });
  });
  await Promise.all(answered);
});

test("a picture that is hostile does not keep the next one from being predicted", async () => {
  const { png } = await pictureWithMask(6, 30, 30);
  const bomb = await sharp({ create: { width: 30_000, height: 3000, channels: 3, background: "red" } })
    .png()
    .toBuffer();
  const header = Buffer.from(png);
  header.writeUInt32BE(60_000, 16);
  header.writeUInt32BE(60_000, 20);
  const jpeg = await sharp(png).jpeg().toBuffer();
  const { image } = scene(64, 64, 3, new Random(1));
  const long = await sharp(image.data, { raw: { width: 64, height: 64, channels: 3 } })
    .jpeg({ quality: 100 })
    .toBuffer();
  const answers: Record<string, string> = {};
  for (const [name, body] of Object.entries({
    ...{ empty: Buffer.alloc(0), text: Buffer.from("hello"), "truncated PNG": png.subarray(0, png.length - 30) },
    ...{ "truncated JPEG": long.subarray(0, long.length / 2), "header alone": jpeg.subarray(0, 20), bomb },
    "header of another size": header,
    SVG: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
  }))
    answers[name] = await problemIn(await post(server.url, Buffer.from(body)));
  expect(answers).toMatchInlineSnapshot(`
    {
      "SVG": "400 not-a-picture: the body does not begin like a picture of a known format",
      "bomb": "413 picture-too-large: it is 3000×30000, the limit is 16000000",
      "empty": "400 not-a-picture: the body does not begin like a picture of a known format",
      "header alone": "400 damaged-picture: the picture is damaged or truncated",
      "header of another size": "413 picture-too-large: the limit is 16000000",
      "text": "400 not-a-picture: the body does not begin like a picture of a known format",
      "truncated JPEG": "400 damaged-picture: the picture is damaged or truncated",
      "truncated PNG": "400 damaged-picture: the picture is damaged or truncated",
    }
  `);
  expect((await post(server.url, png)).status).toBe(200);
});

test("serves an exported file as the weights that it was made of", async () => {
  const file = join(folder, "model.onnx");
  await exportOnnx(await readWeights(join(folder, "tiny.safetensors")), file);
  const model = await (await modelOpener(file, { threads: 1 }))();
  expect(model).toMatchObject({ classes: card.classes, palette: card.palette, size: card.size });
  for (const seed of [7, 8]) {
    const { png, mask } = await pictureWithMask(seed, 30, 41);
    const served = await model.predict(await decodeImage(png));
    const differing = served.data.filter((id, i) => id !== mask.data[i]).length;
    // Float ties may fall either way.
    expect(differing).toBeLessThan(0.01 * mask.data.length);
  }
  await model.release();
  await expect(model.predict(scene(8, 8, 3, new Random(1)).image)).rejects.toThrow("model: it was released");
  await writeFile(file, "no model");
  await expect((await modelOpener(file))()).rejects.toThrow(CorruptFileError);
});

test("a model file is a run folder or weights; anything else is refused by name", async () => {
  await expect(modelOpener(join(folder, "nothing"))).rejects.toThrow(/nothing does not exist/);
  const other = join(folder, "model.txt");
  await writeFile(other, "");
  await expect(modelOpener(other)).rejects.toThrow(/model\.txt is no model of a known kind/);
  await expect((await modelOpener(folder))()).rejects.toThrow(/is not a run folder/);
});
