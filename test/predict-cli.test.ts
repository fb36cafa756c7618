/** @file `segkit predict`: every format, resumption, shards, skipped pictures and videos, with a model that nobody trained. */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { predict as predictCommand } from "../src/cli/commands/predict.ts";
import { Output } from "../src/cli/output.ts";
import { type CocoRle, decodeCocoRle } from "../src/data/coco-rle.ts";
import { decodeMask } from "../src/data/decode.node.ts";
import { predictionFormats } from "../src/inference/formats/index.node.ts";
import { type ModelCard, modelOf } from "../src/inference/card.ts";
import { initialState } from "../src/nn/state.ts";
import { RunFolder } from "../src/train/run-folder.node.ts";
import { Random } from "../src/util/random.ts";
import { type CliResult, eventsOf, segkit, segkitHere } from "./support/cli.ts";
import { scene, tempFolder, writePicture } from "./support/dataset.ts";
import { fakeFfmpeg, writeFakeVideo } from "./support/fake-ffmpeg.ts";

const classes = ["sky", "road", "car"];
const card: ModelCard = {
  format: 1,
  architecture: {
    ...{ encoder: "mobilenetV3Large", channels: 3, blur: false, blurFinal: true, selfAttention: false, yRange: null },
    ...{ lastCross: false, bottle: false, normType: null },
  },
  ...{ classes, voidIndex: null, palette: classes.map((_, i): [number, number, number] => [90 * i, 0, 9]) },
  size: [32, 48],
  stats: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
};

let root: string;
const at = (...names: string[]): string => join(root, ...names);
const predict = (line: string, env: Readonly<Record<string, string>> = {}): Promise<CliResult> =>
  segkit(["predict", "run", ...line.split(" ")], { cwd: root, env });

beforeAll(async () => {
  root = await tempFolder();
  for (const name of ["run", "other"]) {
    const run = new RunFolder(at(name));
    await run.create();
    await run.writeArguments({});
    await run.writeWeights("best", initialState(modelOf(card), new Random(name.length)), card);
  }
  await mkdir(at("pictures", "deep"), { recursive: true });
  for (const [i, name] of ["a", "b", "c", "d", "deep/a"].entries())
    await writePicture(at("pictures", `${name}.png`), scene(20 + i, 30, 3, new Random(i)).image);
});

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(at(folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((file) => file.slice(at(folder).length + 1)).toSorted();
}

const text = (...names: string[]): Promise<string> => readFile(at(...names), "utf8");

test("every format, of a pattern's pictures by their paths", async () => {
  const formats = Object.keys(predictionFormats);
  const { code, stdout, stderr } = await predict(`pictures/**/a.* --out all --format ${formats.join(",")}`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toBe(`2 pictures predicted: ${formats.join(", ")} in all`);
  const ofEach = ["", "_overlay", "_probabilities"].map((end, i) => `${end}.${["png", "png", "npy"][i]}`);
  expect((await filesIn("all")).filter((file) => !file.startsWith(".parts"))).toEqual(
    [
      ...["a", "deep/a"].flatMap((name) => [...ofEach, ".geojson", ".txt"].map((end) => `${name}${end}`)),
      ...["areas.csv", "coco_polygons.json", "coco_rle.json", "predict.json"],
    ].toSorted(),
  );
  const coco = JSON.parse(await text("all", "coco_rle.json")) as {
    readonly images: readonly { readonly id: number; readonly file_name: string }[];
    readonly annotations: readonly { image_id: number; category_id: number; segmentation: CocoRle }[];
  };
  expect(coco.images.map(({ file_name }) => file_name)).toEqual(["a.png", "deep/a.png"]);
  for (const { id, file_name } of coco.images) {
    const mask = await decodeMask(at("all", file_name));
    const pixels = new Uint8Array(mask.data.length).fill(255);
    for (const { image_id, category_id, segmentation } of coco.annotations)
      if (image_id === id)
        for (const [i, inside] of decodeCocoRle(segmentation).data.entries()) if (inside) pixels[i] = category_id;
    expect(pixels).toEqual(mask.data);
  }
});

test("an exported file predicts as its run does", async () => {
  expect(await segkitHere(["export", "run", "--out", "model.onnx"], { cwd: root })).toMatchObject({ code: 0 });
  const line = ["pictures/a.png", "--format", "masks,probabilities", "--out"];
  for (const model of ["run", "model.onnx"])
    expect(await segkitHere(["predict", model, ...line, `by-${model}`], { cwd: root })).toMatchObject({ code: 0 });
  const [live, exported] = await Promise.all(
    ["run", "model.onnx"].map((model) => decodeMask(at(`by-${model}`, "a.png"))),
  );
  const differing = live!.data.filter((id, i) => id !== exported!.data[i]).length;
  // Rounding may decide where two classes are equally probable.
  expect(differing).toBeLessThan(live!.data.length / 100);
  expect(await text("by-model.onnx", "predict.json")).toMatch(
    /^{"model":"model.onnx","sha256":"\w{64}","tta":false}\n$/,
  );
});

test("--window goes over pictures at their own resolution, a run's as an exported file's; --with averages models", async () => {
  const line = ["pictures/a.png", "pictures/d.png", "--format", "masks,probabilities", "--window", "32x32"];
  for (const [model, ...more] of [["run"], ["model.onnx"], ["model.onnx", "--with", "other"]] as const) {
    const out = `windows-${[model, ...more].join("")}`;
    const { code, stderr } = await segkitHere(["predict", model, ...line, ...more, "--out", out], { cwd: root });
    expect([code, stderr]).toEqual([0, ""]);
  }
  const read = (out: string): Promise<Buffer> => readFile(at(out, "d_probabilities.npy"));
  const values = (file: Buffer): Float32Array => new Float32Array(Uint8Array.from(file.subarray(128)).buffer);
  const [run, file, both] = (
    await Promise.all(["run", "model.onnx", "model.onnx--withother"].map((name) => read(`windows-${name}`)))
  ).map(values);
  const farthest = (a: Float32Array, b: Float32Array): number =>
    a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);
  expect(farthest(run!, file!)).toBeLessThan(1e-4);
  expect(farthest(both!, file!)).toBeGreaterThan(1e-3);
  expect(await decodeMask(at("windows-run", "d.png"))).toMatchObject({ height: 23, width: 30 });
  expect(await text("windows-run", "predict.json")).toContain('"window":"32×32, overlap 0.5"');
  expect(await text("windows-model.onnx--withother", "predict.json")).toContain(
    "model.onnx and the best weights of other",
  );

  const resumed = await segkitHere(
    ["predict", "run", ...line, "--overlap", "0.25", "--out", "windows-run", "--resume"],
    { cwd: root },
  );
  expect([resumed.code, resumed.stderr]).toEqual([
    2,
    expect.stringContaining("and windows of 32×32, overlap 0.5, not"),
  ]);
});

describe("--resume", () => {
  test("goes on where a killed call stopped, and does nothing twice", async () => {
    const line = ["predict", "run", "pictures", "--out", "resumed", "--format", "masks,areas"];
    const killed = await segkit([...line, "--json", "--threads", "1"], {
      cwd: root,
      fate: { signals: ["SIGKILL"] },
    });
    expect(killed.signal).toBe("SIGKILL");
    const before = await filesIn("resumed");
    await writeFile(at("resumed", "d.png.0123abcd.tmp"), "half a mask");
    const result = await segkit([...line, "--resume", "--json"], { cwd: root });
    expect(result.code).toBe(0);
    const finished = ["a", "b", "c", "d"].filter(
      (name) => before.includes(`${name}.png`) && before.includes(`.parts/${name}_areas.csv`),
    );
    const events = eventsOf(result);
    expect(events.filter(({ event }) => event === "prediction")).toHaveLength(4 - finished.length);
    expect(events.at(-1)).toMatchObject({ event: "end", written: 4 - finished.length, kept: finished.length });
    expect((await text("resumed", "areas.csv")).trim().split("\n")).toHaveLength(1 + 4 * classes.length);
    expect((await filesIn("resumed")).filter((file) => file.endsWith(".tmp"))).toEqual([]);

    const again = await predict("pictures --out resumed --format masks,areas,yolo --resume --json");
    const [first] = eventsOf(again);
    expect(first).toEqual({ event: "prediction", image: "pictures/a.png", files: { yolo: "resumed/a.txt" } });
    const nothing = await predict("pictures --out resumed --format masks,areas,yolo --resume");
    expect(nothing.stdout).toBe("0 pictures predicted, 4 finished before: masks, areas, yolo in resumed");
  });

  test("does not go on with other weights", async () => {
    expect(await predict("pictures/a.png --out mixed")).toMatchObject({ code: 0 });
    const other = await segkit(["predict", "other", "pictures", "--out", "mixed", "--resume"], { cwd: root });
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/was made with the best weights of run \(\w{8}\), not the best weights of other/);
    expect(await filesIn("mixed")).toEqual(["a.png", "a_overlay.png", "predict.json"]);
  });
});

test("shards share out the pictures; a last call without --shard puts the documents together", async () => {
  const line = "pictures --out shards --format masks,areas --resume";
  for (const shard of ["1/2", "2/2"]) expect(await predict(`${line} --shard ${shard}`)).toMatchObject({ code: 0 });
  expect((await text("shards", "areas-2-of-2.csv")).split("\n").map((row) => row.split(",")[0])).toEqual([
    ...["picture", "b.png", "b.png", "b.png", "d.png", "d.png", "d.png", ""],
  ]);
  expect((await predict(line)).stdout).toContain("0 pictures predicted, 4 finished before");
  expect((await text("shards", "areas.csv")).split("\n")).toHaveLength(1 + 4 * classes.length + 1);
});

test("pictures that cannot be read are listed, and the code says so", async () => {
  await mkdir(at("damaged"));
  await writePicture(at("damaged", "good.png"), scene(20, 30, 3, new Random(1)).image);
  await writeFile(at("damaged", "bad.png"), "text");
  const { code, stderr } = await predict("damaged --out list --format rle");
  expect(code).toBe(3);
  expect(stderr).toMatchInlineSnapshot(`
    "skipped: image damaged/bad.png is no picture of a known format
    segkit: predict: 1 of 2 pictures could not be read: damaged/bad.png
      The others were predicted. Mend or remove those that list/skipped.csv lists, then call again with --resume.
    "
  `);
  expect(await text("list", "skipped.csv")).toMatchInlineSnapshot(`
    "picture,reason
    damaged/bad.png,image damaged/bad.png is no picture of a known format
    "
  `);
  await rm(at("damaged", "bad.png"));
  expect(await predict("damaged --out list --format rle --resume")).toMatchObject({ code: 0 });
  expect(await filesIn("list")).toEqual([".parts/good_rle.json", "coco_rle.json", "predict.json"]);
});

describe("videos", () => {
  test("become a folder of masks and a video of overlays", async () => {
    const PATH = await fakeFfmpeg();
    await writeFakeVideo(at("clip.mp4"), { height: 21, width: 30, frames: 5 });
    const line = "clip.mp4 --out video --format masks,overlays,areas";
    const result = await predict(`${line} --json`, { PATH });
    expect(result.code).toBe(0);
    expect(eventsOf(result)[1]).toEqual({
      ...{ event: "prediction", image: "clip.mp4", frame: 1 },
      files: { masks: "video/clip/000002.png", areas: "video/.parts/clip/000002_areas.csv" },
    });
    const frames = [1, 2, 3, 4, 5].map((i) => `clip/00000${i}.png`);
    expect((await filesIn("video")).filter((file) => !file.startsWith(".parts"))).toEqual([
      ...["areas.csv", ...frames, "clip_overlay.mp4", "predict.json"],
    ]);
    expect(await decodeMask(at("video", "clip", "000005.png"))).toMatchObject({ height: 21, width: 30 });
    expect(await text("video", "clip_overlay.mp4")).toBe(`video 30x21 at 30000/1001, ${5 * 21 * 30 * 3} bytes`);
    expect((await text("video", "areas.csv")).split("\n")[4]).toMatch(/^clip\/000002,0,sky,/);

    expect((await predict(`${line} --resume`, { PATH })).stdout).toContain("0 videos predicted, 1 finished before");
    await rm(at("video", "clip", "000003.png"));
    const resumed = eventsOf(await predict(`${line} --resume --json`, { PATH }));
    expect(resumed.map(({ frame }) => frame)).toEqual([2, undefined]);
  });

  test("one that ends early is skipped, and its overlay video does not stay", async () => {
    const PATH = await fakeFfmpeg();
    await writeFakeVideo(at("cut.mp4"), { height: 21, width: 30, frames: 5, cut: 7 });
    const { code, stderr } = await predict("cut.mp4 pictures/a.png --out cut", { PATH });
    expect(code).toBe(3);
    expect(stderr).toContain("skipped: video cut.mp4 cannot be read: its last frame is not whole");
    const files = await filesIn("cut");
    expect(files).toEqual(expect.arrayContaining(["a.png", "cut/000001.png", "skipped.csv"]));
    expect(files.filter((file) => file.includes(".mp4") || file.endsWith(".tmp"))).toEqual([]);
  });

  test("need ffmpeg", async () => {
    await writeFile(at("some.mp4"), "");
    const { code, stderr } = await predict("some.mp4 --out none", { PATH: root });
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "segkit: some.mp4 is a video, and ffmpeg, the program that reads videos, cannot be run here
        Install ffmpeg, so that the command ffmpeg is found, or give the frames as pictures.
      "
    `);
  });
});

test.each([
  ["--format masks,rel", /--format: expected some of masks, overlays, .*, but received "masks,rel"/],
  ["--shard 0/4", /--shard: expected a part from 1\/N to N\/N, such as 2\/4/],
  ["--shard 5/4", /--shard: expected a part from 1\/N to N\/N/],
  ["--overlap 0.2", /--overlap is of the windows that --window asks for/],
  ["--window 64x64 --overlap 1", /--overlap: expected a number from 0 to below 1/],
  ["--shard two", /--shard: expected a part such as 2\/4, the second of four, but received "two"/],
])("%s is refused", async (option, message) => {
  const output = new Output({ json: false, out: () => {}, err: () => {}, terminal: false });
  const argv = ["run", "pictures", "--out", "refused", ...option.split(" ")];
  const run = async (): Promise<void> => predictCommand.run(argv, { output, signal: new AbortController().signal });
  await expect(run()).rejects.toThrow(message);
  await expect(run()).rejects.toMatchObject({ exitCode: 2 });
});
