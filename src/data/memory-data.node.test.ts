import { beforeAll, describe, expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import type { Batch } from "./batch.ts";
import { databunch, type SegmentationData } from "./databunch.node.ts";
import { decodeImage, decodeMask } from "./decode.node.ts";
import { openFolder } from "./folder.node.ts";
import { type LabelledImage, memoryData, type MemoryDataset } from "./memory-data.ts";
import { writeStreets } from "./streets/write.node.ts";
import { flipLr, rotate } from "./transforms/builders.ts";

const options = {
  ...{ size: [24, 32] as const, batchSize: 2, seed: 5 },
  transforms: [flipLr({ p: 0.5 }), rotate({ degrees: [-10, 10] })],
};

let files: SegmentationData;
let memory: MemoryDataset;

beforeAll(async () => {
  const folder = await tempFolder();
  await writeStreets(folder, { train: 5, valid: 3, height: 32, width: 48, seed: 1 });
  const dataset = await openFolder(folder);
  const pairs = (items: typeof dataset.train): Promise<LabelledImage[]> =>
    Promise.all(
      items.map(async ({ image, mask }) => ({ image: await decodeImage(image), mask: await decodeMask(mask) })),
    );
  const { classes, voidIndex } = dataset;
  memory = { classes, voidIndex, train: await pairs(dataset.train), valid: await pairs(dataset.valid) };
  files = databunch(dataset, { ...options, workers: 0 });
});

async function all(batches: AsyncIterable<Batch>): Promise<Batch[]> {
  const list: Batch[] = [];
  for await (const batch of batches) list.push(batch);
  return list;
}

describe("pictures in memory", () => {
  test.each(["train", "valid"] as const)("make the %s batches that files make, epoch by epoch", async (split) => {
    const data = memoryData(memory, options);
    for (const epoch of [0, 1]) {
      const [actual, expected] = [await all(data[split].batches(epoch)), await all(files[split].batches(epoch))];
      expect(actual).toHaveLength(data[split].length);
      expect(actual.map(({ masks }) => masks)).toEqual(expected.map(({ masks }) => masks));
      for (const [i, { images }] of actual.entries())
        for (const [j, value] of images.entries()) expect(value).toBeCloseTo(expected[i]!.images[j]!, 4);
    }
    expect((await all(data[split].batches(0, { from: 1 })))[0]!.masks).toEqual(
      (await all(data[split].batches(0)))[1]!.masks,
    );
  });

  test("say what does not fit", async () => {
    expect(() => memoryData(memory, { ...options, batchSize: 6 })).toThrow(
      "memoryData: 5 pictures do not fill one batch of 6",
    );
    expect(() => memoryData(memory, { ...options, batchSize: 0 })).toThrow("expected a batch size of at least 1");
    const [{ image, mask }] = memory.train as [LabelledImage];
    const wrong = (pair: LabelledImage) => all(memoryData({ ...memory, valid: [pair] }, options).valid.batches(0));
    await expect(wrong({ image, mask: { ...mask, data: mask.data.map(() => 12) } })).rejects.toThrow(
      "memoryData: mask 0 holds value 12, but there are 12 classes (0–11)",
    );
    const half = { height: 16, width: mask.width, data: mask.data.subarray(0, 16 * mask.width) };
    await expect(wrong({ image, mask: half })).rejects.toThrow("memoryData: mask 0 is 16×48, but its picture is 32×48");
  });
});
