/** @file Live bars: every command that takes long has one, with a rate and the time left, on a terminal only. */
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type CommandName, commands } from "../src/cli/commands/index.ts";
import { Output } from "../src/cli/output.ts";
import { ProgressBar } from "../src/cli/progress.ts";
import { folderEntries, tgzOf } from "./support/archive.ts";
import { tempFolder, writeDataset } from "./support/dataset.ts";
import { fileServer } from "./support/file-server.ts";

/** What the bars said: before the bar, and beside it. */
const shown: { readonly before: string; readonly after: string }[] = [];
let root: string;
let data: string;
const small = ["--encoder", "mobilenetV3Large", "--size", "32x48", "--bs", "2", "--workers", "0"];

beforeAll(async () => {
  root = await tempFolder();
  vi.stubEnv("SEGKIT_HOME", join(root, "home"));
  data = await writeDataset({ items: 8, valid: 4, height: 48, width: 64 });
  await mkdir(join(root, "pictures"));
  for (const i of [0, 1, 2])
    await cp(join(data, "images", `scene_00${i}.png`), join(root, "pictures", `scene_00${i}.png`));
});

beforeEach(() => {
  shown.length = 0;
  vi.spyOn(ProgressBar.prototype, "update").mockImplementation((_, __, before, after = "") => {
    shown.push({ before, after });
  });
});

afterAll(() => vi.unstubAllEnvs());

/**
 * Runs a command as if on a terminal. Returns the bars it showed; fails for one that never told how long it takes.
 */
async function barsOf(name: CommandName, ...argv: readonly string[]): Promise<string[]> {
  shown.length = 0;
  const output = new Output({ json: false, out: () => {}, err: () => {}, terminal: true });
  const command = await commands[name]();
  await command.run(argv, { output, signal: new AbortController().signal });
  const bars = [...new Set(shown.map(({ before }) => before))];
  for (const bar of bars) {
    const last = shown.findLast(({ before }) => before === bar)!.after;
    expect([bar, last]).toEqual([bar, expect.stringMatching(/(\/s|s each) {2}\d\d:\d\d left$/)]);
  }
  return bars;
}

test("train, validate, predict, report and export", async () => {
  const run = join(root, "run");
  const training = ["--data", data, ...small, "--epochs", "1", "--class-weights", "auto", "--no-report", "--out", run];
  expect(await barsOf("train", ...training)).toEqual([
    ...["checking pictures and masks", "counting classes", "hashing the dataset", "epoch 1/1", "drawing results"],
  ]);
  expect(await barsOf("validate", run, "--bs", "1")).toEqual(["checking pictures and masks", "validating"]);
  const pictures = [join(root, "pictures"), "--out", join(root, "masks")];
  expect(await barsOf("predict", run, ...pictures)).toEqual(["predicting"]);
  const examining = await barsOf("report", run, "--bs", "1");
  expect(examining[0]).toBe("checking pictures and masks");
  expect(examining.slice(-2)).toEqual(["drawing pictures", "drawing plots"]);
  const int8 = [run, "--precision", "int8", "--out", join(root, "model.onnx"), "--threads", "1"];
  expect(await barsOf("export", ...int8)).toEqual([
    "checking pictures and masks",
    "calibrating",
    "comparing with the live model",
    "measuring",
  ]);
});

test("lr-find, data check and data download", async () => {
  // So few batches give no suggestion.
  await expect(barsOf("lr-find", "--data", data, ...small, "--num-it", "5")).rejects.toThrow("too few");
  expect(shown.at(-1)).toEqual({
    before: "searching a learning rate",
    after: expect.stringMatching(/(\/s|s each) {2}\d\d:\d\d left$/) as string,
  });
  expect(await barsOf("data", "check", data)).toEqual(["reading pictures", "comparing pictures"]);
  // Large enough to come in several pieces.
  await writeFile(
    join(data, "images", "large.bin"),
    Uint8Array.from({ length: 3e6 }, (_, i) => (i * i * 31) >> 7),
  );
  const server = await fileServer(tgzOf(await folderEntries(data, "tiny")));
  const address = `${server.url}/tiny.tgz`;
  expect(await barsOf("data", "download", address)).toEqual(["downloading tiny", "unpacking tiny"]);
});
