import { readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import { breakDisk, type FaultyDisk } from "../../test/support/faulty-disk.ts";
import type { StateDict } from "../nn/state.ts";
import { CheckpointFiles } from "./checkpoint-files.node.ts";
import type { Checkpoint } from "./checkpoint.ts";

const checkpoint = (step: number): Checkpoint => {
  const data = Float32Array.of(step, 1, 2);
  const weights: StateDict = new Map([["w", { dtype: "F32", shape: [3], data }]]);
  return {
    ...{ phase: 0, earlier: [], data: "", seed: 1, weights, optimizer: { step, slots: { w: { m: data, v: data } } } },
    position: {
      ...{ epoch: 1, batch: step, smoothLoss: { average: 0, count: 0 }, history: [], memories: {}, stopped: false },
      ...{ scheduled: 0, pace: 1, lrFactor: 1, skippedSteps: 0, firstPass: 0 },
    },
  };
};

let files: CheckpointFiles;
let disk: FaultyDisk | undefined;
beforeEach(async () => {
  files = new CheckpointFiles(join(await tempFolder(), "checkpoints"));
});
afterEach(() => disk?.mend());

const names = async (): Promise<string[]> => (await readdir(files.folder).catch((): string[] => [])).toSorted();
const pair = (number: number): string[] => [`00000${number}.json`, `00000${number}.safetensors`];
const at = (name: string): string => join(files.folder, name);
const stepRead = async (from = files): Promise<number | undefined> => (await from.read())?.checkpoint.optimizer.step;
const write = async (...steps: number[]): Promise<void> => {
  for (const step of steps) await files.write(checkpoint(step));
};

test("the last two are kept, each with its manifest", async () => {
  expect([await files.exist(), await files.read(), await files.newest()]).toEqual([false, undefined, undefined]);
  await write(1, 2, 3);
  expect(await names()).toEqual([...pair(2), ...pair(3)]);
  const manifest = JSON.parse(await readFile(at("000003.json"), "utf8")) as unknown;
  expect(await files.newest()).toEqual(manifest);
  expect(manifest).toEqual({
    ...{ format: 1, file: "000003.safetensors", phase: 0, epoch: 1, batch: 3 },
    bytes: (await readFile(at("000003.safetensors"))).length,
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
  });
  expect(await files.read()).toEqual({ checkpoint: checkpoint(3), manifest, damaged: [] });
  await files.remove();
  expect(await names()).toEqual([]);
  expect(await files.exist()).toBe(false);
});

describe("a damaged one is passed over, and not counted among those that are kept", () => {
  const flip = async (name: string, byte: number): Promise<void> => {
    const bytes = await readFile(at(name));
    bytes[byte < 0 ? bytes.length + byte : byte]! ^= 1;
    await writeFile(at(name), bytes);
  };
  const damages: [name: string, damage: () => Promise<void>, said: RegExp][] = [
    ["a bit of a weight", () => flip("000002.safetensors", -5), /safetensors is damaged: its SHA-256 is not/],
    ["a bit of the header", () => flip("000002.safetensors", 40), /safetensors is damaged: its SHA-256 is not/],
    ["the end is missing", () => truncate(at("000002.safetensors"), 500), /damaged: 500 of \d+ bytes are there/],
    ["an empty file", () => truncate(at("000002.safetensors"), 0), /damaged: 0 of \d+ bytes are there/],
    ["no file", () => rm(at("000002.safetensors")), /safetensors cannot be read/],
    ["a manifest without end", () => truncate(at("000002.json"), 30), /000002\.json is damaged/],
    ["a manifest of something else", () => writeFile(at("000002.json"), "{}"), /000002\.json is damaged/],
  ];

  test.each(damages)("%s", async (_, damage, said) => {
    await write(1, 2);
    await damage();
    const found = await files.read();
    expect(found).toMatchObject({ checkpoint: checkpoint(1), damaged: [expect.stringMatching(said)] });
    await write(3);
    expect(await names()).toEqual([...pair(1), ...pair(3)]);
    expect(await stepRead()).toBe(3);
  });

  test("when all are, they are named", async () => {
    await write(1, 2);
    for (const number of [1, 2]) await truncate(at(`00000${number}.safetensors`), 9);
    await expect(files.read()).rejects.toMatchObject({
      exitCode: 7,
      message: expect.stringMatching(/^none of the 2 checkpoints can be read: .*000002\.s.*; .*000001\.s/) as string,
      hint: expect.stringContaining("--pretrained") as string,
    });
  });
});

test("numbers that are not finite are refused", async () => {
  await write(1);
  await expect(files.write(checkpoint(NaN))).rejects.toMatchObject({
    exitCode: 5,
    message: expect.stringMatching(/^train: w holds/) as string,
  });
  const { optimizer, ...rest } = checkpoint(2);
  const slots = { w: { m: Float32Array.of(0, Infinity, 0), v: new Float32Array(3) } };
  await expect(files.write({ ...rest, optimizer: { ...optimizer, slots } })).rejects.toMatchObject({ exitCode: 5 });
  expect(await names()).toEqual(pair(1));
});

test("a disk that fills up at any call leaves one that can be read, and a retry does the rest", async () => {
  for (let call = 0, failed = 1; failed > 0; call++) {
    await files.remove();
    await write(1, 2);
    disk = await breakDisk({ folder: files.folder, at: call });
    const error: unknown = await files.write(checkpoint(3)).catch((thrown: unknown) => thrown);
    ({ failed } = disk);
    disk.mend();
    // The folder is there already.
    if (failed === 0 || disk.calls[call] === "mkdir") expect(error).not.toBeInstanceOf(Error);
    else expect(error).toMatchObject({ exitCode: 4, message: expect.stringMatching(/the disk is full$/) as string });
    const fresh = new CheckpointFiles(files.folder);
    expect([2, 3]).toContain(await stepRead(fresh));
    await fresh.write(checkpoint(4));
    expect(await stepRead(fresh)).toBe(4);
    expect(await names()).toHaveLength(4);
    expect(call).toBeLessThan(100);
  }
});
