import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import { masksOf, recordedMasks, transformsOf } from "./data-options.ts";

test("transforms by name", () => {
  expect(transformsOf("none")).toEqual([[], []]);
  expect(transformsOf("flip")[0]).toHaveLength(1);
  expect(transformsOf("fastai")[0].map(({ kind }) => kind)).toContain("symmetricWarp");
});

describe("mask options", () => {
  test("nothing given is nothing asked for", async () => {
    expect(await masksOf({ maskDiv: false, ignoreIndex: "void" })).toBeUndefined();
    expect(await masksOf(recordedMasks({ data: "x" }))).toBeUndefined();
  });

  test("a map, a division, colours from a file", async () => {
    const file = path.join(await tempFolder(), "colours.txt");
    await writeFile(file, "0 0 0\tVoid\r\n128,64, 128 Road\n\n");
    expect(await masksOf(recordedMasks({ maskDiv: true, maskMap: "255:11, 7:0", ignoreIndex: 200 }))).toEqual({
      div: true,
      valueMap: { 255: 11, 7: 0 },
      ignoreIndex: 200,
    });
    expect(await masksOf({ maskColours: file })).toEqual({
      colours: [
        [0, 0, 0],
        [128, 64, 128],
      ],
    });
  });

  test("what is none is named", async () => {
    const file = path.join(await tempFolder(), "colours.txt");
    await writeFile(file, "0 0 0\n12 300 7\n");
    await expect(masksOf({ maskMap: "255" })).rejects.toThrow("--mask-map: expected pairs of a value and its class id");
    await expect(masksOf({ maskColours: file })).rejects.toThrow("line 2 of");
    await expect(masksOf({ maskColours: `${file}x` })).rejects.toThrow("cannot be read");
  });
});
