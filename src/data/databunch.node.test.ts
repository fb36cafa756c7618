import { cp, mkdir } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { bunchOf, failure, getMask, listsOf } from "../../test/support/data-block.ts";
import { scene, type TinyDataset, writeDataset, writeGreyMask, writePicture } from "../../test/support/dataset.ts";
import { Random } from "../util/random.ts";
import type { Batch } from "./batch.ts";
import { type BatchLoader, DatasetType } from "./databunch.ts";
import { SegmentationItemList } from "./item-list.node.ts";
import type { LabelLists } from "./label-lists.node.ts";
import { flipLr } from "./transforms/builders.ts";
import { getTransforms } from "./transforms/get-transforms.ts";
import { imagenetStats } from "./transforms/normalize.ts";

async function small(options: TinyDataset = {}): Promise<LabelLists> {
  return (await listsOf(await writeDataset(options))).transform([], { size: [12, 16] });
}

async function idsOf(loader: BatchLoader, epoch = 0): Promise<string[]> {
  const batches: string[][] = [];
  for await (const batch of loader.batches(epoch)) batches.push([...batch.ids]);
  return batches.map((ids) => ids.map((id) => id.slice(-1)).join(""));
}

describe("loaders", () => {
  test("fastai's five: what is shuffled, dropped and transformed", async () => {
    const lists = (await small({ items: 7 })).transform([flipLr({ p: 1 })], { size: [12, 16] });
    const data = await bunchOf(lists.addTest((await small({ items: 7 })).dataset.valid.map(({ image }) => image)), {
      valBs: 3,
    });
    expect([data.train, data.valid, data.fix, data.single, data.test!].map(({ length }) => length)).toEqual([
      2, 1, 2, 2, 1,
    ]);
    expect(await idsOf(data.valid)).toEqual(["45"]);
    expect(await idsOf(data.fix)).toEqual(["012", "36"]);
    expect(await idsOf(data.single)).toEqual(["4", "5"]);
    const orders = await Promise.all([0, 1, 2, 3].map(async (epoch) => (await idsOf(data.train, epoch)).join("")));
    expect(new Set(orders).size).toBeGreaterThan(1);
    for (const order of orders) expect(order).toHaveLength(4);
    const kept = await bunchOf(lists, { dropLast: false });
    expect(kept.train.length).toBe(3);
    const whole = await bunchOf(lists, { bs: 5 });
    const [plain, flipped] = [await whole.oneBatch("fix"), await whole.oneBatch("train")];
    expect(row(flipped, 0)).toEqual(row(plain, plain.ids.indexOf(flipped.ids[0]!)).toReversed());
    expect(data).toMatchObject({ c: 4, classes: ["sky", "road", "car", "void"], size: [12, 16], ignoreIndex: null });
    expect([data.trainDs.length, data.validDs.length, data.testDs.length]).toEqual([5, 2, 2]);
    expect(data.path).toBe(lists.dataset.root);
    expect((await data.validDs.get(1)).mask).toMatchObject({ height: 24, width: 32 });
    expect(Object.values(DatasetType).map((name) => data.dl(name).batchSize)).toEqual([2, 3, 3, 1, 3]);
  });

  test("a test set needs no masks, also with tfmY; where it has some they are read", async () => {
    const root = await writeDataset();
    await mkdir(path.join(root, "images", "test"));
    for (const i of [1, 2])
      await cp(path.join(root, `images/scene_00${i}.png`), path.join(root, `images/test/t${i}.png`));
    const list = await SegmentationItemList.fromFolder(path.join(root, "images"), { exclude: ["test"] });
    const lists = list.splitByIdx([5]).labelFromFunc(getMask).transform(getTransforms(), { size: 16, tfmY: true });
    const data = await bunchOf(await lists.addTestFolder("test"));
    const batch = await data.oneBatch("test");
    expect(batch).toMatchObject({ n: 2, height: 16, width: 16, ids: ["test/t1", "test/t2"] });
    expect(Math.max(...batch.masks)).toBe(0);
    expect((await data.testDs.get(0)).mask).toBeNull();
    const label = (image: string) => path.join(root, "labels", `scene_00${path.basename(image)[1]}_P.png`);
    const labelled = await bunchOf(await lists.addTestFolder("test", { label }));
    expect(Math.max(...(await labelled.oneBatch("test")).masks)).toBeGreaterThan(0);
    expect(await failure(() => lists.addTestFolder("none"), root)).toContain("cannot be read");
    expect(await failure(async () => (await bunchOf(lists)).dl("test"))).toMatchInlineSnapshot(`
      "2: data: there is no test loader
      → Add pictures with addTest or addTestFolder before databunch."
    `);
  });

  test("splitNone trains without validation; an emptied list is an error", async () => {
    const root = await writeDataset();
    const list = await SegmentationItemList.fromFolder(path.join(root, "images"));
    const data = await bunchOf(
      list
        .splitNone()
        .labelFromFunc(getMask)
        .transform([], { size: [12, 16] }),
    );
    expect([data.train.length, data.valid.length]).toEqual([3, 0]);
    expect(await idsOf(data.valid)).toEqual([]);
    const emptied = (await listsOf(root)).filterByFunc((image) => /_00[45]/.test(image));
    expect(await failure(() => emptied.databunch())).toContain("the validation list is empty");
  });
});

describe("sizes", () => {
  test("none: that of the pictures, if they have one", async () => {
    const root = await writeDataset();
    const data = await bunchOf(await listsOf(root));
    expect(data.size).toEqual([24, 32]);
    const { image, mask } = scene(20, 30, 4, new Random(1));
    await writePicture(path.join(root, "images", "scene_003.png"), image);
    await writeGreyMask(path.join(root, "labels", "scene_003_P.png"), mask);
    expect(await failure(async () => bunchOf(await listsOf(root)), root)).toMatchInlineSnapshot(`
      "3: data: images differ in size and do not fit into one batch: ROOT/images/scene_000.png is 24×32, ROOT/images/scene_003.png is 20×30
      → Give all one size: transform(transforms, { size: [height, width] })."
    `);
    const fitted = await bunchOf((await listsOf(root)).transform([], { size: 16 }), { dropLast: false });
    for await (const batch of fitted.train.batches(0)) expect([batch.height, batch.width]).toEqual([16, 16]);
  });

  test("a mask of another size than its picture is found before training", async () => {
    const root = await writeDataset();
    await writeGreyMask(path.join(root, "labels", "scene_001_P.png"), scene(12, 32, 4, new Random(1)).mask);
    const lists = (await listsOf(root)).transform([], { size: [12, 16] });
    expect(await failure(() => lists.databunch())).toContain("_P.png is 12×32, but its image scene_001.png is 24×32");
    await bunchOf(lists, { noCheck: true });
  });

  test("mult rounds, and transformY may only repeat", async () => {
    const lists = (await listsOf(await writeDataset())).transform(getTransforms(), { size: [13, 17], mult: 8 });
    expect((await bunchOf(lists.transformY())).size).toEqual([16, 16]);
    expect(lists.transformY(getTransforms(), { size: [13, 17], mult: 8 })).toBeDefined();
    expect(await failure(() => lists.transformY(getTransforms(), { size: [26, 34] }))).toMatchInlineSnapshot(`
      "2: transformY: masks take the transforms of their pictures, not others
      → Leave transformY out, or give it what transform was given."
    `);
  });
});

describe("normalize", () => {
  test("before it values are 0 to 1, after it they are scaled; twice or too late is an error", async () => {
    const data = await bunchOf(await small());
    const before = (await data.oneBatch("valid")).images;
    expect(data.stats.std).toEqual([1, 1, 1]);
    data.normalize(imagenetStats);
    const after = (await data.oneBatch("valid")).images;
    expect(after[0]).toBeCloseTo((before[0]! - 0.485) / 0.229, 5);
    for await (const batch of data.valid.batches(0)) expect(batch.images).toEqual(after);
    expect(await failure(() => data.normalize(imagenetStats))).toMatchInlineSnapshot(`
      "2: normalize: the data are normalised already
      → Call normalize once; databunch(dataset, …) normalises by itself unless its stats are null."
    `);
    const used = await bunchOf(await small());
    await idsOf(used.train);
    expect(await failure(() => used.normalize(imagenetStats))).toMatchInlineSnapshot(`
      "2: normalize: batches were made already
      → Call normalize right after databunch."
    `);
  });

  test("without statistics those of a training batch", async () => {
    const data = await bunchOf(await small());
    const { images, n } = await data.oneBatch();
    const pixels = 12 * 16;
    const red = Array.from({ length: n }, (_, i) => [...images.subarray(3 * i * pixels, (3 * i + 1) * pixels)]).flat();
    const mean = red.reduce((sum, value) => sum + value, 0) / red.length;
    const variance = red.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (red.length - 1);
    expect(await data.normalize()).toBe(data);
    expect(data.stats.mean[0]).toBeCloseTo(mean, 10);
    expect(data.stats.std[0]).toBeCloseTo(Math.sqrt(variance), 10);
    const normalized = await data.oneBatch();
    expect(normalized.images[0]).toBeCloseTo((images[0]! - mean) / Math.sqrt(variance), 4);
  });

  test("statistics of other than three channels are named", async () => {
    const data = await bunchOf(await small());
    const one = { mean: [0.1], std: [0.3] } as unknown as typeof imagenetStats;
    expect(await failure(() => data.normalize(one))).toMatchInlineSnapshot(`
      "2: normalize: mean: expected 3 numbers, one a channel, but received 1
      → Pictures have 3 channels: grey ones are read as three equal ones, an alpha channel is dropped."
    `);
    expect(await failure(() => data.normalize({ mean: [0, 0, 0], std: [1, 0, 1] }))).toMatchInlineSnapshot(`
      "2: normalize: std: expected finite numbers above 0, but received 1, 0, 1
      → undefined"
    `);
  });
});

/** The first row of red of a sample. */
function row({ images, height, width }: Batch, i: number): number[] {
  const from = 3 * i * height * width;
  return [...images.subarray(from, from + width)];
}
