import { expect, test } from "vitest";
import { databunch } from "../src/data/databunch.node.ts";
import { openFolder } from "../src/data/folder.node.ts";
import { writeDataset } from "./support/dataset.ts";

test("a batch says whether its pictures have masks, through decoding threads too", async () => {
  const dataset = await openFolder(await writeDataset({ items: 5, valid: 2 }));
  const unlabelled = dataset.valid.map(({ id, image }) => ({ id, image }));
  const data = databunch({ ...dataset, test: unlabelled }, { size: [24, 32], batchSize: 2, workers: 1 });
  try {
    for await (const { labelled, ids } of data.test!.batches(0))
      expect({ labelled, ids }).toEqual({ labelled: false, ids: unlabelled.map(({ id }) => id) });
    for await (const { labelled } of data.valid.batches(0)) expect(labelled ?? true).toBe(true);
  } finally {
    await data.close();
  }
});
