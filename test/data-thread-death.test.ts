import { Worker } from "node:worker_threads";
import { expect, test, vi } from "vitest";
import { openFolder } from "../src/data/folder.node.ts";
import { DataLoader } from "../src/data/loader.node.ts";
import { imagenetStats } from "../src/data/transforms/normalize.ts";
import { ResourceError } from "../src/util/errors.ts";
import { writeDataset } from "./support/dataset.ts";

const program = vi.hoisted(() => ({ text: "" }));
vi.mock("../src/util/worker-entry.node.ts", () => ({
  startWorker: () => new Worker(program.text, { eval: true }),
}));

async function firstBatch(text: string): Promise<unknown> {
  program.text = `const { parentPort } = require("node:worker_threads"); ${text}`;
  const { train } = await openFolder(await writeDataset());
  const spec = { size: [8, 8], transforms: [], stats: imagenetStats } as const;
  const loader = new DataLoader(train, { batchSize: 2, spec, workers: 2 });
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
