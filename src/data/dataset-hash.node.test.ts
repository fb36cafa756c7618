import { appendFile, cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempFolder, writeDataset } from "../../test/support/dataset.ts";
import { hashDataset } from "./dataset-hash.node.ts";
import { openFolder } from "./folder.node.ts";

test("the hash is of what the files hold, wherever they lie and however they are listed", async () => {
  const root = await writeDataset({ items: 5, valid: 2 });
  const dataset = await openFolder(root);
  const told: string[] = [];
  const first = await hashDataset(dataset, { onProgress: (done, total) => told.push(`${done}/${total}`) });
  expect(first.data).toMatch(/^[0-9a-f]{64}$/);
  expect(told).toEqual(["1/5", "2/5", "3/5", "4/5", "5/5"]);

  const elsewhere = join(await tempFolder(), "copy");
  await cp(root, elsewhere, { recursive: true });
  const copy = await openFolder(elsewhere);
  expect(await hashDataset({ ...copy, train: copy.train.toReversed() })).toEqual(first);

  const [moved, ...rest] = copy.train;
  const split = await hashDataset({ ...copy, train: rest, valid: [...copy.valid, moved!] });
  expect(split.data).toBe(first.data);
  expect(split.split).not.toBe(first.split);

  await appendFile(copy.train[0]!.mask, "x");
  const changed = await hashDataset(copy);
  expect(changed.data).not.toBe(first.data);
  expect(changed.split).toBe(first.split);
  expect((await hashDataset({ ...copy, classes: ["a", "b", "c", "d"] })).data).not.toBe(changed.data);
});

test("a file that is gone is named, and a signal ends it", async () => {
  const dataset = await openFolder(await writeDataset({ items: 3, valid: 1 }));
  await expect(hashDataset(dataset, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  await rm(dataset.valid[0]!.image);
  await expect(hashDataset(dataset)).rejects.toMatchObject({
    name: "DataError",
    message: expect.stringContaining(dataset.valid[0]!.image) as string,
  });
});
