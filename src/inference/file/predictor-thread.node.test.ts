import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scene, tempFolder, writePicture } from "../../../test/support/dataset.ts";
import { smallFile } from "../../../test/support/small-file.ts";
import { PixelRows } from "../../data/pixel-rows.node.ts";
import { Random } from "../../util/random.ts";
import { loadPredictor, type NodePredictor } from "./load-predictor.node.ts";
import { type FilePredictorThread, openFilePredictor } from "./predictor-thread.node.ts";

const { image } = scene(50, 70, 3, new Random(2));
let bytes: Uint8Array;
let here: NodePredictor;
let thread: FilePredictorThread;

beforeAll(async () => {
  bytes = await smallFile();
  here = await loadPredictor(bytes, { threads: 1 });
  thread = await openFilePredictor([bytes], { threads: 1 });
});
afterAll(() => here.release());

test("predicts as a predictor in this thread does, and the picture stays", async () => {
  const options = { probabilities: true, overlay: 0.5, tta: {} };
  expect(await thread.predict(image, options)).toEqual(await here.predict(image, options));
  expect(image.data.length).toBe(3 * 50 * 70);
  expect(thread.spec).toEqual(here.spec);
});

test("gives the rows of a picture on the disk, and leaves the rest where nobody wants it", async () => {
  const folder = await tempFolder();
  const file = join(folder, "a.png");
  await writePicture(file, image);
  const picture = await PixelRows.ofPicture(file, folder);
  const window = { size: [16, 24], overlap: 0.5 } as const;
  const ids: number[] = [];
  for await (const { top, height, width, data } of thread.predictRows(picture.file, window)) {
    expect([top, data.length]).toEqual([ids.length / 70, height * width]);
    ids.push(...data);
  }
  expect(ids).toEqual([...(await here.predict(image, { window })).data]);
  for await (const { top } of thread.predictRows(picture.file, window)) if (top > 0) break;
  await picture.close();
  const [first] = await Promise.allSettled([thread.predictRows(picture.file, window).next()]);
  expect(first).toMatchObject({ status: "rejected" });
});

test("errors cross with their kind; a released predictor says so", async () => {
  await expect(thread.predict(image, { tta: { scales: [] } })).rejects.toMatchObject({ name: "ConfigError" });
  await expect(openFilePredictor(["nowhere.onnx"])).rejects.toMatchObject({ name: "ConfigError", exitCode: 2 });
  await thread.release();
  await expect(thread.predict(image)).rejects.toThrow("model: it was released");
});
