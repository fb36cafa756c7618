/** @file Videos through the real ffmpeg, where it is installed. */
import { spawnSync } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { decodeMask } from "../src/data/decode.node.ts";
import { framesOf, openVideo, VideoWriter } from "../src/data/video.node.ts";
import { loadPredictor } from "../src/inference/index.node.ts";
import { segkitHere } from "./support/cli.ts";
import { tempFolder } from "./support/dataset.ts";
import { smallFile } from "./support/small-file.ts";

const ffmpeg = spawnSync("ffmpeg", ["-version"]).status === 0;
const [height, width] = [21, 30];
const colours = [
  [200, 30, 30],
  [30, 200, 30],
  [30, 30, 200],
  [128, 128, 128],
] as const;

let root: string;
const at = (...names: string[]): string => join(root, ...names);

describe.skipIf(!ffmpeg)(`the real ffmpeg${ffmpeg ? "" : " (skipped: it is not installed here)"}`, () => {
  beforeAll(async () => {
    root = await tempFolder();
    const writer = new VideoWriter(at("clip.mp4"), { height, width, rate: "5/1" });
    for (const colour of colours)
      await writer.write({
        height,
        width,
        data: Uint8Array.from({ length: 3 * height * width }, (_, i) => colour[i % 3]!),
      });
    await writer.finish();
  });

  test("reads what it wrote: a pair of rows and columns more, frames in their order and colours", async () => {
    const video = await openVideo(at("clip.mp4"));
    expect(video).toEqual({ file: at("clip.mp4"), height: 22, width: 30, rate: "5/1", frames: 4 });
    const middles: number[][] = [];
    for await (const { data, ...size } of framesOf(video)) {
      expect(size).toEqual({ height: 22, width: 30 });
      const middle = 3 * (10 * 30 + 15);
      middles.push([...data.subarray(middle, middle + 3)]);
    }
    expect(middles).toHaveLength(4);
    for (const [i, middle] of middles.entries())
      for (const [c, value] of middle.entries()) expect(Math.abs(value - colours[i]![c]!)).toBeLessThan(12);
  });

  test.each(["avi", "mkv", "webm"])("reads .%s", async (extension) => {
    const made = spawnSync("ffmpeg", ["-v", "error", "-i", at("clip.mp4"), "-y", at(`clip.${extension}`)]);
    expect(String(made.stderr)).toBe("");
    const video = await openVideo(at(`clip.${extension}`));
    expect([video.height, video.width]).toEqual([22, 30]);
    let count = 0;
    for await (const _ of framesOf(video)) count++;
    expect(count).toBe(4);
  });

  test("segkit predict: a mask a frame and a video of overlays; a damaged video is skipped", async () => {
    await writeFile(at("model.onnx"), await smallFile());
    await writeFile(at("cut.mp4"), (await readFile(at("clip.mp4"))).subarray(0, 900));
    const line = ["model.onnx", "clip.mp4", "cut.mp4", "--out", "out", "--format", "masks,overlays"];
    const { code, stdout, stderr } = await segkitHere(["predict", ...line], { cwd: root });
    expect(stdout).toBe("1 video predicted: masks, overlays in out");
    expect([code, stderr]).toEqual([3, expect.stringMatching(/skipped: video cut\.mp4 cannot be read: .+/)]);
    expect((await readdir(at("out", "clip"))).toSorted()).toEqual([1, 2, 3, 4].map((i) => `00000${i}.png`));
    const predictor = await loadPredictor(at("model.onnx"), { threads: 1 });
    let frame = 0;
    for await (const image of framesOf(await openVideo(at("clip.mp4"))))
      expect(await decodeMask(at("out", "clip", `00000${++frame}.png`))).toMatchObject({
        data: (await predictor.predict(image)).data,
      });
    expect(await openVideo(at("out", "clip_overlay.mp4"))).toMatchObject({ height: 22, width: 30, frames: 4 });
    await predictor.release();
  });
});
