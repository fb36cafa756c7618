/** @file Pictures that vanish or are damaged, before a training and in the middle of one. */
import { rmSync, writeFileSync } from "node:fs";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { BadPictures } from "../src/data/bad-pictures.ts";
import type { Batch } from "../src/data/batch.ts";
import { checkDataset } from "../src/data/check.node.ts";
import { databunch } from "../src/data/databunch.node.ts";
import type { SegmentationDataset } from "../src/data/dataset.ts";
import { openFolder } from "../src/data/folder.node.ts";
import { segkitHere } from "./support/cli.ts";
import { tempFolder, writeDataset } from "./support/dataset.ts";

const bunches: { close(): Promise<void> }[] = [];
afterAll(async () => void (await Promise.all(bunches.map((bunch) => bunch.close()))));

/** The batches of an epoch; a picture that is damaged before the batch of its number was asked for. */
async function epochOf(
  dataset: SegmentationDataset,
  bad: BadPictures | undefined,
  { list = "train", workers = 0, epoch = 3 }: { list?: "train" | "valid"; workers?: number; epoch?: number } = {},
): Promise<Batch[]> {
  const data = databunch(dataset, { size: [8, 8], batchSize: 3, bad, workers, seed: 2 });
  bunches.push(data);
  const batches: Batch[] = [];
  for await (const batch of data[list].batches(epoch)) batches.push(batch);
  return batches;
}

const idsOf = (batches: readonly Batch[]): (readonly string[])[] => batches.map(({ ids }) => ids);

describe("a loader that leaves bad pictures out", () => {
  let dataset: SegmentationDataset;
  let sound: (readonly string[])[];
  beforeEach(async () => {
    dataset = await openFolder(await writeDataset({ items: 12, valid: 3 }));
    sound = idsOf(await epochOf(dataset, undefined));
  });
  const itemOf = (id: string) => [...dataset.train, ...dataset.valid].find((item) => item.id === id)!;

  test("puts the next sound ones of the epoch in their places, whenever it finds out, in any number of threads", async () => {
    const [first, second, third] = sound;
    const missing = [first![1]!, second![0]!, third![2]!];
    await rm(itemOf(missing[0]!).image);
    await writeFile(itemOf(missing[1]!).mask, "no mask");
    await writeFile(itemOf(missing[2]!).image, (await readFile(itemOf(missing[2]!).image)).subarray(0, 200));
    const found: string[] = [];
    const bad = new BadPictures({ most: 3, onFound: ({ id, reason }) => found.push(`${id}: ${reason}`) });
    const batches = await epochOf(dataset, bad);
    expect(idsOf(batches)).toEqual([
      [first![0], second![1], first![2]],
      [third![0], second![1], second![2]],
      [third![0], third![1], first![0]],
    ]);
    expect(found).toEqual([
      `${missing[0]}: image ${itemOf(missing[0]!).image} does not exist`,
      expect.stringContaining(`mask ${itemOf(missing[1]!).mask}`),
      expect.stringContaining(`image ${itemOf(missing[2]!).image} is damaged`),
    ]);
    expect(await epochOf(dataset, bad)).toEqual(batches);
    expect(await epochOf(dataset, new BadPictures({ most: 3, known: bad.list.slice(1) }))).toEqual(batches);
    expect(await epochOf(dataset, new BadPictures({ most: 3 }), { workers: 2 })).toEqual(batches);
    // What is mended stays out.
    for (const id of missing) await cp(itemOf(first![0]!).image, itemOf(id).image);
    expect(await epochOf(dataset, bad)).toEqual(batches);
  });

  test("leaves validation pictures out, whole batches of them too", async () => {
    const [a, b] = dataset.valid;
    await rm(a!.image);
    const bad = new BadPictures({ most: 3 });
    const [batch, ...others] = await epochOf(dataset, bad, { list: "valid" });
    expect([batch!.ids, batch!.n, batch!.images.length, batch!.masks.length, others]).toEqual([
      ...[[b!.id, dataset.valid[2]!.id], 2, 2 * 3 * 64, 2 * 64, []],
    ]);
    for (const { image } of dataset.valid.slice(1)) await rm(image);
    expect(await epochOf(dataset, bad, { list: "valid" })).toEqual([]);
  });

  test("fails when there are too many", async () => {
    for (const { image } of dataset.train.slice(0, 3)) await rm(image);
    const bad = new BadPictures({ most: 2, hint: "Mend them." });
    await expect(epochOf(dataset, bad)).rejects.toMatchObject({
      exitCode: 3,
      hint: "Mend them.",
      message: expect.stringMatching(
        /^data: 3 pictures cannot be read, and at most 2 may be left out; the last: image .* does not exist$/,
      ) as string,
    });
  });

  test("a check leaves them out, unless there are too many: then it explains the first", async () => {
    await rm(dataset.train[1]!.image);
    await writeFile(dataset.valid[0]!.mask, "no mask");
    const bad = new BadPictures({ most: 2 });
    const { sizes } = await checkDataset(dataset, { bad });
    expect(bad.list.map(({ id }) => id).toSorted()).toEqual([dataset.train[1]!.id, dataset.valid[0]!.id].toSorted());
    expect(sizes).toMatchObject([{ count: 11 }]);
    await checkDataset(dataset, { bad });
    const few = checkDataset({ ...dataset, classes: ["a", "b"] }, { bad: new BadPictures({ most: 3 }) });
    await expect(few).rejects.toThrow(
      /\(and \d more with the same fault\); at most 3 may be left out, and 2 are bad already$/,
    );
  });
});

describe("segkit train", () => {
  const small = ["--encoder", "mobilenetV3Large", "--size", "32x48", "--bs", "2", "--epochs", "2", "--workers", "0"];

  /** Trains, with two files destroyed in the first epoch. */
  async function trained(args: readonly string[]) {
    const root = await tempFolder();
    const data = await writeDataset({ items: 9, valid: 3, height: 32, width: 48 });
    const { train, valid } = await openFolder(data);
    const result = await segkitHere(["train", "--data", data, ...small, ...args, "--out", "run", "--json"], {
      cwd: root,
      onText(text) {
        if (!text.includes('"batch":0')) return;
        for (const { image } of train.slice(0, 1)) rmSync(image, { force: true });
        writeFileSync(valid[0]!.mask, "damaged");
      },
    });
    return { root, data, result, gone: train[0]!, damaged: valid[0]! };
  }
  const badOf = (root: string): Promise<string> => readFile(join(root, "run", "bad.csv"), "utf8");

  test("--on-bad skip goes on without them, to the report, and lists them", async () => {
    const { root, result, gone, damaged } = await trained(["--on-bad", "skip", "--max-bad", "2"]);
    expect(result.code).toBe(0);
    const events = result.stdout.split("\n").map((line) => JSON.parse(line) as { event: string; id?: string });
    expect(events.filter(({ event }) => event === "bad").map(({ id }) => id)).toEqual(
      expect.arrayContaining([gone.id, damaged.id]),
    );
    expect(events.at(-1)?.event).toBe("end");
    expect(result.stderr).toContain(`warning: left out: image ${gone.image} does not exist\n`);
    const list = await badOf(root);
    expect(list).toContain(`${gone.id},image ${gone.image} does not exist\n`);
    expect(list).toContain(`\n${damaged.id},mask ${damaged.mask} `);
    expect(await readFile(join(root, "run", "report.html"), "utf8")).toContain("<html");
  });

  test("by default it stops with a checkpoint, and goes on without them when asked to", async () => {
    const { root, result, gone } = await trained([]);
    expect(result.code === 3 || result.code === 7).toBe(true);
    expect(result.stderr).toMatch(
      /^continue from the checkpoint of epoch \d+, batch \d+ \(checkpoints\/\d{6}\.safetensors\) with: segkit train --resume --out run; --on-bad skip leaves such pictures out$/m,
    );
    const again = await segkitHere(["train", "--resume", "--out", "run"], { cwd: root });
    expect(again.code).toBe(3);
    expect(again.stderr).toBe(
      `segkit: train: image images/${gone.id}.png does not exist\n` +
        "  Put it back where it was. Or leave such pictures out with --on-bad skip.\n",
    );
    const capped = await segkitHere(["train", "--resume", "--out", "run", "--on-bad", "skip"], { cwd: root });
    // Two are more than a twentieth of six.
    expect(capped.code).toBe(3);
    expect(capped.stderr).toContain("; at most 1 may be left out, and 1 are bad already\n");
    const skipped = await segkitHere(
      ["train", "--resume", "--out", "run", "--on-bad", "skip", "--max-bad", "2", "--no-report"],
      { cwd: root },
    );
    expect(skipped).toMatchObject({ code: 0 });
    expect((await badOf(root)).split("\n")).toHaveLength(4);
  });
});
