import type { Worker } from "node:worker_threads";
import type { IdMask, RgbImage } from "../data/image.ts";
import { unpackError } from "../util/error-record.ts";
import { messageOf, ResourceError } from "../util/errors.ts";
import { startWorker } from "../util/worker-entry.node.ts";
import type { FileModelReady, FileModelReply, FileModelRequest, FileModelSetup } from "./file-model-protocol.ts";
import type { ServedModel } from "./served-model.ts";

/**
 * Opens an exported file in a thread of its own, so that the calling thread answers meanwhile. Throws what
 * `loadPredictor` throws, a ResourceError when the thread dies.
 */
export async function openFileModel(setup: FileModelSetup): Promise<ServedModel> {
  const worker = startWorker("file-model.worker.node", import.meta.url, { workerData: setup });
  const first = await new Promise<FileModelReply>((resolve, reject) => {
    worker.once("error", (error) => reject(died(messageOf(error), error)));
    worker.once("exit", (code) => reject(died(`it ended with code ${code}`)));
    worker.once("message", resolve);
  });
  if (first.kind === "ready") return new FileModel(worker, first);
  await worker.terminate();
  throw first.kind === "failed" ? unpackError(first.error) : died("it did not start");
}

interface Waiting {
  readonly resolve: (mask: IdMask) => void;
  readonly reject: (error: Error) => void;
}

class FileModel implements ServedModel {
  readonly classes: ServedModel["classes"];
  readonly palette: ServedModel["palette"];
  readonly size: ServedModel["size"];
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;
  #ended: Error | undefined;

  constructor(worker: Worker, { names, colors, size }: FileModelReady) {
    [this.classes, this.palette, this.size] = [names, colors, size];
    this.#worker = worker;
    worker.on("message", (reply: FileModelReply) => this.#settle(reply));
    worker.on("error", (error) => this.#end(died(messageOf(error), error)));
    worker.on("exit", (code) => this.#end(died(`it ended with code ${code}`)));
  }

  async predict(image: RgbImage): Promise<IdMask> {
    if (this.#ended) throw this.#ended;
    return new Promise((resolve, reject) => {
      const request: FileModelRequest = { id: this.#requests++, image };
      this.#waiting.set(request.id, { resolve, reject });
      // The picture is copied: overlays need it afterwards.
      this.#worker.postMessage(request);
    });
  }

  async release(): Promise<void> {
    this.#end(new ResourceError("model: it was released"));
    await this.#worker.terminate();
  }

  #settle(reply: FileModelReply): void {
    if (reply.kind !== "mask" && reply.kind !== "error") return;
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.kind === "mask") waiting?.resolve(reply.mask);
    else waiting?.reject(unpackError(reply.error));
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

function died(reason: string, cause?: unknown): ResourceError {
  const hint = "If memory ran out, use smaller pictures or fewer threads.";
  return new ResourceError(`model: its thread died: ${reason}`, { hint, cause });
}
