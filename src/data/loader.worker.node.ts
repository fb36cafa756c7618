/** @file One decoding thread of a DataLoader: makes the batches it is asked for, one at a time, in order. */
import { parentPort, workerData } from "node:worker_threads";
import sharp from "sharp";
import { packError } from "../util/error-record.ts";
import { loadBatch } from "./load-batch.node.ts";
import type { BatchSource, BatchTask, WorkerRequest, WorkerResult } from "./loader-protocol.ts";
import { RowSampler } from "./kernels/row-sampler.ts";
import { ResizePlans } from "./transforms/render.ts";

sharp.concurrency(1);
sharp.cache(false);

const port = parentPort!;
const source = workerData as BatchSource;
const plans = new ResizePlans(source.simd ? RowSampler.create() : null);
const queue: BatchTask[] = [];
const cancelled = new Set<number>();
let current: number | null = null;

port.on("message", (request: WorkerRequest) => {
  if ("cancel" in request) cancel(request.cancel);
  else queue.push(request);
  if (current === null) void work();
});

function cancel(id: number): void {
  if (id === current || queue.some((task) => task.id === id)) cancelled.add(id);
}

async function work(): Promise<void> {
  for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
    const { id } = task;
    current = id;
    const isCancelled = () => cancelled.has(id);
    try {
      if (isCancelled()) throw new Error("cancelled");
      const { batch, bad } = await loadBatch(source, task, plans, isCancelled);
      answer({ id, batch, bad }, [batch.images.buffer as ArrayBuffer, batch.masks.buffer as ArrayBuffer]);
    } catch (error) {
      answer({ id, error: packError(error) });
    }
    cancelled.delete(id);
  }
  current = null;
}

function answer(result: WorkerResult, transfer: ArrayBuffer[] = []): void {
  port.postMessage(result, transfer);
}
