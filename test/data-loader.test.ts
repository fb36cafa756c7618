import { execFile } from "node:child_process";
import { copyFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import type { Batch } from "../src/data/batch.ts";
import type { SegmentationDataset } from "../src/data/dataset.ts";
import { decodeImage, decodeMask } from "../src/data/decode.node.ts";
import { openFolder } from "../src/data/folder.node.ts";
import { DataLoader } from "../src/data/loader.node.ts";
import type { DataLoaderOptions } from "../src/data/loader.node.ts";
import { flipHorizontal } from "../src/data/transforms/builders.ts";
import { getTransforms } from "../src/data/transforms/get-transforms.ts";
import { imagenetStats } from "../src/data/transforms/normalize.ts";
import { normalize } from "../src/data/transforms/sample.ts";
import type { SampleSpec } from "../src/data/transforms/sample.ts";
import { CorruptFileError, DataError } from "../src/util/errors.ts";
import { writeDataset } from "./support/dataset.ts";

const spec: SampleSpec = { size: [15, 20], transforms: [flipHorizontal()], stats: imagenetStats };

const open: DataLoader[] = [];
afterAll(async () => {
  await Promise.all(open.map((loader) => loader.close()));
});

function loaderOf({ train }: SegmentationDataset, options: Partial<DataLoaderOptions> = {}): DataLoader {
  const loader = new DataLoader(train, { batchSize: 3, spec, shuffle: true, seed: 5, workers: 2, ...options });
  open.push(loader);
  return loader;
}

async function collect(batches: AsyncIterable<Batch>): Promise<Batch[]> {
  const result: Batch[] = [];
  for await (const batch of batches) result.push(batch);
  return result;
}

const dataset = await openFolder(await writeDataset({ items: 13, valid: 2, images: "jpg", masks: "palette" }));
/** Two workers, which take a while to start from source, for all tests that need nothing else. */
const shared = loaderOf(dataset);

describe("what is in the batches", () => {
  test("every item once, images normalised and masks as ids", async () => {
    const plain: SampleSpec = { size: [24, 32], transforms: [], stats: imagenetStats };
    const batches = await collect(loaderOf(dataset, { spec: plain, shuffle: false, workers: 1 }).batches(0));
    expect(batches.map((batch) => batch.n)).toEqual([3, 3, 3, 2]);
    expect(batches.flatMap((batch) => batch.ids)).toEqual(dataset.train.map((item) => item.id));
    const { image, mask } = dataset.train[4]!;
    const pixels = 24 * 32;
    const [, second] = batches;
    expect(second).toMatchObject({ height: 24, width: 32 });
    expect(second!.images.slice(3 * pixels, 6 * pixels)).toEqual(normalize(await decodeImage(image), imagenetStats));
    expect(second!.masks.slice(pixels, 2 * pixels)).toEqual(Int32Array.from((await decodeMask(mask)).data));
  });

  test("byte-identical for 0, 1, 2 and 3 workers and any prefetch", async () => {
    const reference = await collect(loaderOf(dataset, { workers: 0 }).batches(3));
    for (const options of [
      { workers: 1, prefetch: 0 },
      { workers: 3, prefetch: 9 },
    ]) {
      expect(await collect(loaderOf(dataset, options).batches(3))).toEqual(reference);
    }
    expect(await collect(shared.batches(3))).toEqual(reference);
  });

  test("epochs and seeds differ in order and in transforms, repetitions do not", async () => {
    const first = await collect(shared.batches(0));
    expect(await collect(shared.batches(0))).toEqual(first);
    const idsOf = (batches: Batch[]) => batches.flatMap((batch) => batch.ids).join();
    expect(idsOf(await collect(shared.batches(1)))).not.toBe(idsOf(first));
    expect(idsOf(await collect(loaderOf(dataset, { seed: 6, workers: 0 }).batches(0)))).not.toBe(idsOf(first));
    const ordered = loaderOf(dataset, { shuffle: false, workers: 0 });
    const [a] = await collect(ordered.batches(0));
    const [b] = await collect(ordered.batches(1));
    expect(a!.ids).toEqual(b!.ids);
    expect(a!.masks).not.toEqual(b!.masks);
  });

  test("an epoch continued from batch 2 is the rest of the whole epoch", async () => {
    const whole = await collect(shared.batches(7));
    expect(await collect(shared.batches(7, { from: 2 }))).toEqual(whole.slice(2));
    expect(await collect(shared.batches(7, { from: 4 }))).toEqual([]);
  });

  test("getTransforms draws the same in any number of threads, anew in every epoch, and has the size asked for", async () => {
    const transformed: SampleSpec = { size: 20, transforms: getTransforms()[0], stats: imagenetStats };
    const inPlace = loaderOf(dataset, { spec: transformed, shuffle: false, workers: 0 });
    const reference = await collect(inPlace.batches(1));
    expect(reference.every((batch) => batch.height === 20 && batch.width === 20)).toBe(true);
    expect(await collect(loaderOf(dataset, { spec: transformed, shuffle: false }).batches(1))).toEqual(reference);
    const [other] = await collect(inPlace.batches(2));
    expect(other!.ids).toEqual(reference[0]!.ids);
    expect(other!.images).not.toEqual(reference[0]!.images);
  });

  test("without SIMD code the masks are the same, and images but for rounding", async () => {
    const transformed: SampleSpec = { size: [21, 30], transforms: getTransforms()[0], stats: imagenetStats };
    const batchesOf = (simd: boolean) => collect(loaderOf(dataset, { spec: transformed, workers: 0, simd }).batches(0));
    const [fast, plain] = [await batchesOf(true), await batchesOf(false)];
    for (const [i, { images, masks }] of fast.entries()) {
      expect(masks).toEqual(plain[i]!.masks);
      const differences = images.map((value, j) => Math.abs(value - plain[i]!.images[j]!));
      expect(Math.max(...differences)).toBeLessThan(1e-4);
    }
    expect(fast[0]!.images).not.toEqual(plain[0]!.images);
  });

  test("pictures without masks have masks of zeros", async () => {
    const [labelled, ...rest] = dataset.train;
    const items = [labelled!, ...rest.map(({ id, image }, i) => (i === 0 ? { id, image } : { id, image, mask: "" }))];
    const loader = new DataLoader(items, { batchSize: 3, spec: { ...spec, transforms: [] }, workers: 0 });
    const [first, second] = await collect(loader.batches(0));
    expect(first!.masks.subarray(0, 300).some((id) => id > 0)).toBe(true);
    expect(first!.masks.subarray(300).every((id) => id === 0)).toBe(true);
    expect(second!.masks.every((id) => id === 0)).toBe(true);
    expect(second!.images.some((value) => value !== 0)).toBe(true);
  });

  test("an id that stands for no label may lie beyond the classes", async () => {
    const few = { spec, classes: 3, shuffle: false, workers: 0 } as const;
    await expect(collect(loaderOf(dataset, few).batches(0))).rejects.toThrow("holds value 3, but there are 3 classes");
    const masks = (await collect(loaderOf(dataset, { ...few, read: { masks: { ignoreIndex: 3 } } }).batches(0))).map(
      (batch) => batch.masks,
    );
    expect(masks.some((ids) => ids.includes(3))).toBe(true);
  });

  test("dropLast leaves out the batch that is not full", async () => {
    const loader = loaderOf(dataset, { dropLast: true, workers: 0 });
    expect(loader.length).toBe(3);
    expect((await collect(loader.batches(0))).map((batch) => batch.n)).toEqual([3, 3, 3]);
  });

  test("two epochs at the same time do not mix", async () => {
    const [a, b] = await Promise.all([collect(shared.batches(0)), collect(shared.batches(1))]);
    expect(a).toEqual(await collect(shared.batches(0)));
    expect(b).toEqual(await collect(shared.batches(1)));
  });
});

describe("ahead of their use", () => {
  /** Damages the image of the last batch while the first is in use, and says how the epoch ends. */
  async function damageLater(prefetch: number): Promise<string> {
    const own = await openFolder(await writeDataset({ items: 7, valid: 1 }));
    const loader = loaderOf(own, { batchSize: 1, shuffle: false, workers: 1, prefetch });
    let end = "sound";
    try {
      for await (const { ids } of loader.batches(0)) {
        if (ids[0] !== own.train[0]!.id) continue;
        await sleep(500);
        await writeFile(own.train[4]!.image, "damaged");
      }
    } catch (error) {
      end = (error as Error).name;
    }
    return end;
  }

  test("prefetch batches are made while one is in use, and no more", async () => {
    expect(await damageLater(4)).toBe("sound");
    expect(await damageLater(3)).toBe("CorruptFileError");
  });
});

describe("errors", () => {
  test.each([0, 2])(
    "with %i workers: a damaged image, with class, hint, exit code and file, when its turn comes",
    async (workers) => {
      const own = await openFolder(await writeDataset({ items: 7, valid: 1 }));
      await writeFile(own.train[4]!.image, "no picture");
      const loader = loaderOf(own, { batchSize: 2, shuffle: false, workers });
      const seen: number[] = [];
      const run = async () => {
        for await (const batch of loader.batches(0)) seen.push(batch.n);
      };
      const error = await run().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(CorruptFileError);
      expect(error).toMatchObject({
        message: `image ${own.train[4]!.image} is no picture of a known format`,
        hint: expect.any(String),
        exitCode: 7,
      });
      expect(seen).toEqual([2, 2]);
      await copyFile(own.train[0]!.image, own.train[4]!.image);
      expect((await collect(loader.batches(0))).length).toBe(3);
    },
  );

  test("a mask that fits neither its image nor the classes", async () => {
    const own = await openFolder(await writeDataset({ items: 4, valid: 1 }));
    const few = loaderOf(own, { classes: 2, shuffle: false, workers: 0 });
    await expect(collect(few.batches(0))).rejects.toThrow(
      /scene_00\d_P\.png holds value [23], but there are 2 classes \(0–1\)$/,
    );
    const other = await openFolder(await writeDataset({ items: 4, valid: 1, height: 12, width: 16 }));
    await copyFile(other.train[1]!.mask, own.train[1]!.mask);
    const error = await collect(loaderOf(own, { workers: 0 }).batches(0)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toBe(
      `mask ${own.train[1]!.mask} is 12×16, but its image ${own.train[1]!.image} is 24×32`,
    );
    await rm(own.train[0]!.mask);
    await expect(collect(loaderOf(own, { workers: 0 }).batches(0))).rejects.toThrow("scene_000_P.png does not exist");
  });

  test("pictures of different sizes are named, unless a size makes them alike", async () => {
    const small = await openFolder(await writeDataset({ items: 4, valid: 1, height: 12, width: 16 }));
    const mixed = { ...dataset, train: [dataset.train[0]!, small.train[0]!] };
    const own: SampleSpec = { size: null, transforms: [], stats: imagenetStats };
    const error = await collect(loaderOf(mixed, { batchSize: 2, spec: own, shuffle: false }).batches(0)).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(DataError);
    const [large, little] = mixed.train.map((item) => item.image);
    expect(error).toMatchObject({
      message: `pictures of one batch differ in size after their transforms: ${large} is 24×32 and ${little} is 12×16`,
      hint: expect.stringContaining("Give a size"),
    });
    const single = await collect(loaderOf(mixed, { batchSize: 1, spec: own, shuffle: false, workers: 0 }).batches(0));
    expect(single.map(({ height, width }) => [height, width])).toEqual([
      [24, 32],
      [12, 16],
    ]);
    const [alike] = await collect(loaderOf(mixed, { batchSize: 2, spec: { ...own, size: 14 }, workers: 0 }).batches(0));
    expect([alike!.n, alike!.height, alike!.width]).toEqual([2, 14, 14]);
  });

  test("wrong options", () => {
    const make = (options: Partial<DataLoaderOptions>) => () => loaderOf(dataset, options);
    expect(make({ batchSize: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: loader: batchSize: expected a whole number of at least 1, but received 0]`,
    );
    expect(make({ batchSize: 12, dropLast: true })).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: loader: 11 samples do not fill one batch of 12]`,
    );
    expect(make({ workers: 1.5 })).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: loader: workers: expected a whole number of at least 0, but received 1.5]`,
    );
    expect(make({ spec: { ...spec, size: [0, 4] } })).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: loader: size: expected a whole number of at least 1, but received 0]`,
    );
    expect(
      make({ spec: { ...spec, transforms: [{ kind: "rotate", degrees: NaN }] } }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: rotate: degrees: expected a number or a range [low, high], but received null]`,
    );
    expect(() => loaderOf({ ...dataset, train: [] })).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: loader: 0 samples do not fill one batch of 3]`,
    );
  });
});

describe("the end", () => {
  test.each([0, 2])("with %i workers: leaving the loop leaves no work behind", async (workers) => {
    const loader = loaderOf(dataset, { batchSize: 1, workers, prefetch: 6 });
    for await (const batch of loader.batches(0)) {
      expect(batch.n).toBe(1);
      break;
    }
    expect(sharp.counters()).toEqual({ queue: 0, process: 0 });
    expect((await collect(loader.batches(0))).length).toBe(11);
  });

  test.each([0, 2])("with %i workers: an aborted signal ends it with its reason", async (workers) => {
    const loader = loaderOf(dataset, { batchSize: 1, workers });
    const controller = new AbortController();
    const seen: number[] = [];
    const run = async () => {
      for await (const batch of loader.batches(0, { signal: controller.signal })) {
        seen.push(batch.n);
        if (seen.length === 2) controller.abort(new Error("stopped by hand"));
      }
    };
    await expect(run()).rejects.toThrow("stopped by hand");
    expect(seen.length).toBe(2);
    await expect(collect(loader.batches(0, { signal: controller.signal }))).rejects.toThrow("stopped by hand");
    expect((await collect(loader.batches(0))).length).toBe(11);
  });

  test("an abort while a batch is on its way does not wait for it to be used", async () => {
    const controller = new AbortController();
    const next = shared.batches(0, { signal: controller.signal }).next();
    controller.abort();
    await expect(next).rejects.toMatchObject({ name: "AbortError" });
  });

  test("close rejects what is on its way; the loader can begin again", async () => {
    const loader = loaderOf(dataset, { workers: 1 });
    const message = "data: a decoding thread was closed";
    const ended = expect(collect(loader.batches(0))).rejects.toMatchObject({ name: "ResourceError", message });
    await sleep(5);
    await loader.close();
    await ended;
    expect((await collect(loader.batches(0))).length).toBe(4);
  });

  test("a process that forgets to close a loader still ends, and not before its last batch", async () => {
    const source = (name: string) => JSON.stringify(new URL(`../src/data/${name}`, import.meta.url).href);
    const program = `
      import { openFolder } from ${source("folder.node.ts")};
      import { DataLoader } from ${source("loader.node.ts")};
      const { train } = await openFolder(${JSON.stringify(dataset.root)});
      const spec = ${JSON.stringify(spec)};
      const loader = new DataLoader(train, { batchSize: 4, spec, workers: 2 });
      let n = 0;
      for await (const batch of loader.batches(0)) n += batch.n;
      console.log(n);`;
    const tsx = import.meta.resolve("tsx");
    const args = ["--import", tsx, "--input-type=module", "--eval", program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
    expect(stdout.trim()).toBe("11");
  });
});
