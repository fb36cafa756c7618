import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import { fakeFfmpeg, writeFakeVideo } from "../../test/support/fake-ffmpeg.ts";
import { framesOf, hasVideoExtension, openVideo, requireFfmpeg, VideoWriter } from "./video.node.ts";

const { PATH } = process.env;
let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await tempFolder();
  process.env.PATH = await fakeFfmpeg();
});
afterAll(() => {
  process.env.PATH = PATH;
});

test("frames come one after the other, in the size and at the rate of the video", async () => {
  await writeFakeVideo(at("a.mp4"), { height: 50, width: 70, frames: 5 });
  const video = await openVideo(at("a.mp4"));
  expect(video).toEqual({ file: at("a.mp4"), height: 50, width: 70, rate: "30000/1001", frames: 5 });
  const frames = [];
  for await (const { data, height, width } of framesOf(video)) {
    expect([height, width, data.length, new Set(data).size]).toEqual([50, 70, 10_500, 1]);
    frames.push(data[0]);
  }
  expect(frames).toEqual([0, 10, 20, 30, 40]);
});

test("a video that ends in the middle of a frame, and a file that is none, are named", async () => {
  await writeFakeVideo(at("cut.mp4"), { height: 5, width: 7, frames: 2, cut: 1 });
  const read = async (): Promise<void> => {
    for await (const _ of framesOf(await openVideo(at("cut.mp4"))));
  };
  await expect(read()).rejects.toThrow("cut.mp4 cannot be read: its last frame is not whole");
  await writeFile(at("none.mp4"), "text");
  await expect(openVideo(at("none.mp4"))).rejects.toMatchObject({
    exitCode: 7,
    message: `video ${at("none.mp4")} cannot be read: moov atom not found`,
  });
  await writeFakeVideo(at("huge.mp4"), { height: 50_000, width: 50_000, frames: 1 });
  await expect(openVideo(at("huge.mp4"))).rejects.toMatchObject({ exitCode: 3 });
});

test("a written video has its name when it is finished, and nothing stays of one that is not", async () => {
  const size = { height: 4, width: 6, rate: "25/1" };
  const frame = { ...size, data: new Uint8Array(72) };
  const before = await readdir(folder);
  const left = new VideoWriter(at("left.mp4"), size);
  await left.write(frame);
  await left.abandon();
  const writer = new VideoWriter(at("out.mp4"), size);
  for (let i = 0; i < 3; i++) await writer.write(frame);
  expect(await readdir(folder)).not.toContain("out.mp4");
  await writer.finish();
  expect(await readFile(at("out.mp4"), "utf8")).toBe("video 6x4 at 25/1, 216 bytes");
  expect((await readdir(folder)).toSorted()).toEqual([...before, "out.mp4"].toSorted());
  const nowhere = new VideoWriter(join(folder, "nowhere", "out.mp4"), size);
  await expect(nowhere.finish()).rejects.toMatchObject({ exitCode: 4 });
});

test("where there is no ffmpeg, it says so", async () => {
  const found = process.env.PATH;
  process.env.PATH = folder;
  try {
    await expect(requireFfmpeg("clip.mp4")).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: clip.mp4 is a video, and ffmpeg, the program that reads videos, cannot be run here]`,
    );
  } finally {
    process.env.PATH = found;
  }
  await expect(requireFfmpeg("clip.mp4")).resolves.toBeUndefined();
  expect(["a.MP4", "a.mov", "mp4", "a.png"].map(hasVideoExtension)).toEqual([true, true, false, false]);
});
