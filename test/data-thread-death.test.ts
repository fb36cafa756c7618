import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, test, vi } from "vitest";
import { openFolder } from "../src/data/folder.node.ts";
import { DataLoader } from "../src/data/loader.node.ts";
import { imagenetStats } from "../src/data/transforms/normalize.ts";
import { ResourceError } from "../src/util/errors.ts";
import { tempFolder, writeDataset } from "./support/dataset.ts";

const program = vi.hoisted(() => ({ text: "" }));
vi.mock("../src/util/worker-entry.node.ts", () => ({
  startWorker: () => new Worker(program.text, { eval: true }),
}));

async function firstBatch(text: string, workers = 2): Promise<unknown> {
  program.text = `const { parentPort } = require("node:worker_threads"); ${text}`;
  const { train } = await openFolder(await writeDataset());
  const spec = { size: [8, 8], transforms: [], stats: imagenetStats } as const;
  const loader = new DataLoader(train, { batchSize: 2, spec, workers });
  try {
    return await loader.batches(0).next();
  } finally {
    await loader.close();
  }
}

test.each([
  ["leaves", `parentPort.once("message", () => process.exit(3));`, "data: a decoding thread ended with code 3"],
  ["throws", `parentPort.once("message", () => { throw new Error("bug"); });`, "data: a decoding thread failed: bug"],
  ["does not start", `throw new Error("no binary");`, "data: a decoding thread failed: no binary"],
])("a thread that %s is an error, not a wait without end", async (_, text, message) => {
  const error = await firstBatch(text).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ResourceError);
  expect(error).toMatchObject({ message, exitCode: 4 });
});

test("a thread that dies once is replaced, and what it had to make is made by the new one", async () => {
  const died = join(await tempFolder(), "died");
  const batch = { images: new Float32Array(1), masks: new Int32Array(1), n: 1, height: 1, width: 1, ids: ["made"] };
  const text = `
    const { existsSync, writeFileSync } = require("node:fs");
    const died = ${JSON.stringify(died)};
    parentPort.on("message", ({ id }) => {
      if (existsSync(died)) return parentPort.postMessage({ id, batch: ${JSON.stringify(batch)}, bad: [] });
      writeFileSync(died, "");
      process.exit(1);
    });`;
  expect(await firstBatch(text, 1)).toMatchObject({ value: { ids: ["made"] }, done: false });
});
