import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { scene, tempFolder, writePicture } from "../../test/support/dataset.ts";
import { smallFile } from "../../test/support/small-file.ts";
import { decodeImage, decodeMask } from "../data/decode.node.ts";
import { overlay } from "../data/overlay.ts";
import { loadPredictor } from "../inference/file/load-predictor.node.ts";
import { openFilePredictor } from "../inference/file/predictor-thread.node.ts";
import { type PredictionFormatName, predictionFormats } from "../inference/formats/index.node.ts";
import { Random } from "../util/random.ts";
import { isLarge, predictLarge } from "./predict-large.ts";
import { PredictionFolder } from "./prediction-folder.ts";

const window = { size: [16, 24], overlap: 0.25 } as const;

async function predicted(file: string, missing: readonly PredictionFormatName[]) {
  const [out, bytes] = [await tempFolder(), await smallFile()];
  const [predictor, thread] = [await loadPredictor(bytes), await openFilePredictor([bytes])];
  const folder = await PredictionFolder.open(out, { model: "m", sha256: "0", tta: false }, { resume: false });
  const names = { classes: predictor.spec.names, palette: predictor.spec.colors };
  const said: unknown[] = [];
  const work = {
    ...{ folder, names, signal: new AbortController().signal },
    onWritten: (_: unknown, files: object) => said.push(files),
    onSkipped: (_: unknown, error: unknown) => said.push(String(error)),
    onRows: (_: unknown, done: number, all: number) => said.push(done / all),
  };
  const prediction = { file, path: "p.png", name: "p", video: false };
  await predictLarge({ prediction, missing }, (picture) => thread.predictRows(picture, window), work);
  await thread.release();
  return { out, said, predictor };
}

test("the files are those of the picture predicted whole; nothing else stays", async () => {
  const { image } = scene(50, 70, 3, new Random(2));
  const file = join(await tempFolder(), "p.png");
  await writePicture(file, image);
  const { out, said, predictor } = await predicted(file, ["masks", "overlays", "areas"]);
  const whole = await predictor.predict(image, { window });
  const mask = await decodeMask(join(out, "p.png"));
  expect(new Set(mask.data).size).toBeGreaterThan(1);
  expect(mask).toEqual({ data: whole.data, height: 50, width: 70 });
  const { data } = await decodeImage(join(out, "p_overlay.png"));
  expect(new Uint8Array(data)).toEqual(overlay(image, whole, predictor.spec.colors).data);
  const prediction = { image, mask: whole, picture: "p.png", palette: [], regions: () => [] };
  expect(await readFile(join(out, ".parts", "p_areas.csv"), "utf8")).toBe(
    await predictionFormats.areas.encode({ ...prediction, classes: predictor.spec.names }),
  );
  expect(said.at(-2)).toBe(1);
  expect(await readdir(join(out, ".parts"))).toEqual(["p_areas.csv"]);
  await predictor.release();
});

test("formats that need a picture whole, and a file that is damaged, are skipped with the reason", async () => {
  const folder = await tempFolder();
  await writePicture(join(folder, "p.png"), scene(50, 70, 3, new Random(2)).image);
  const whole = await predicted(join(folder, "p.png"), ["masks", "rle", "yolo"]);
  expect(whole.said).toEqual([
    `DataError: image ${join(folder, "p.png")} of 50×70 is over 100 megapixels, too large for rle, yolo, which need it whole`,
  ]);
  await writeFile(join(folder, "cut.png"), (await readFile(join(folder, "p.png"))).subarray(0, 2000));
  const cut = await predicted(join(folder, "cut.png"), ["masks"]);
  expect(cut.said).toEqual([expect.stringMatching(/^CorruptFileError: image .*cut.png is damaged or truncated$/)]);
  expect(await readdir(join(cut.out, ".parts"))).toEqual([]);
});

test("a picture is large by its header", async () => {
  const file = join(await tempFolder(), "large.png");
  await sharp({ create: { width: 10_001, height: 10_000, channels: 3, background: "red" } })
    .png({ compressionLevel: 1 })
    .toFile(file);
  expect(await isLarge(file)).toBe(true);
  await sharp({ create: { width: 100, height: 100, channels: 3, background: "red" } }).toFile(file);
  expect(await isLarge(file)).toBe(false);
  expect(await isLarge("nowhere.png")).toBe(false);
});
