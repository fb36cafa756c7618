import type { Worker } from "node:worker_threads";
import type { RgbImage } from "../data/image.ts";
import type { StateDict } from "../nn/state.ts";
import type { RuntimeOptions } from "../runtime/ort.node.ts";
import { unpackError } from "../util/error-record.ts";
import { messageOf, ResourceError } from "../util/errors.ts";
import { buffersIn } from "../util/transfer.ts";
import { startWorker } from "../util/worker-entry.node.ts";
import type { ModelCard } from "./card.ts";
import {
  asked,
  type MaskPredictor,
  type PixelsAsked,
  type PredictedMask,
  type PredictOptions,
} from "./predicted-mask.ts";
import type { PredictorOptions } from "./prediction-programs.ts";
import type { PredictorReply, PredictorRequest, PredictorSetup } from "./predictor-protocol.node.ts";

/** How a predictor in a thread of its own runs. */
export type PredictorThreadOptions = PredictorOptions & RuntimeOptions;

/**
 * Opens a predictor whose network runs in a thread of its own, so that the calling thread reads and writes pictures
 * meanwhile (`predictionStream`). The weights are moved there: `state` is not to be used afterwards. An idle thread does not keep
 * the process alive. Throws a ConfigError when the weights are not those of the card's model or the backend asked for
 * cannot load, a ResourceError when the thread dies.
 * @example
 * const { card, state } = await readWeights("runs/first/weights.safetensors");
 * const predictor = await openPredictor(card, state, { threads: 2 });
 * const mask = await predictor.predict(await decodeImage("photo.jpg"));
 * await predictor.release();
 */
export async function openPredictor(
  card: ModelCard,
  state: StateDict,
  { tta, optimizations, onFallback, ...runtime }: PredictorThreadOptions = {},
): Promise<MaskPredictor> {
  const options = { ...(tta && { tta }), ...(optimizations && { optimizations }) };
  const setup: PredictorSetup = { card, state, options, runtime };
  const worker = startWorker("predictor.worker.node", import.meta.url, {
    workerData: setup,
    transferList: memoryOf(state),
  });
  const first = await new Promise<PredictorReply>((resolve, reject) => {
    worker.once("error", (error) => reject(died(error)));
    worker.once("exit", (code) => reject(ended(code)));
    worker.once("message", resolve);
  });
  if (first.kind === "failed") throw unpackError(first.error);
  if (first.kind === "ready" && first.fallback) onFallback?.(first.fallback);
  return new PredictorThread(worker, card);
}

/** The memory blocks that hold little else than the weights: a file of them is one block. Others are copied. */
function memoryOf(state: StateDict): ArrayBuffer[] {
  const used = new Map<ArrayBufferLike, number>();
  for (const { data } of state.values()) used.set(data.buffer, (used.get(data.buffer) ?? 0) + data.byteLength);
  return [...used].flatMap(([buffer, bytes]) =>
    buffer instanceof ArrayBuffer && 2 * bytes > buffer.byteLength ? [buffer] : [],
  );
}

interface Waiting {
  readonly resolve: (mask: PredictedMask | null) => void;
  readonly reject: (error: Error) => void;
}

class PredictorThread implements MaskPredictor {
  readonly card: ModelCard;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #requests = 0;
  #ended: Error | undefined;

  constructor(worker: Worker, card: ModelCard) {
    this.card = card;
    this.#worker = worker;
    worker.on("message", (reply: PredictorReply) => this.#settle(reply));
    worker.on("error", (error) => this.#end(died(error)));
    worker.on("messageerror", (error) => this.#end(died(error)));
    worker.on("exit", (code) => this.#end(ended(code)));
    worker.unref();
  }

  async predict(image: RgbImage, options: PredictOptions = {}): Promise<PredictedMask> {
    return (await this.#ask(asked(this.card, image, options)))!;
  }

  async release(): Promise<void> {
    if (!this.#ended) await this.#ask(null).catch(() => {});
    this.#end(new ResourceError("predictor: it was released"));
    await this.#worker.terminate();
  }

  #ask(pixels: PixelsAsked | null): Promise<PredictedMask | null> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const request: PredictorRequest = { id: this.#requests++, asked: pixels };
      this.#worker.postMessage(request, [...buffersIn(request)]);
      this.#waiting.set(request.id, { resolve, reject });
      this.#worker.ref();
    });
  }

  #settle(reply: PredictorReply): void {
    if (reply.kind !== "mask" && reply.kind !== "error") return;
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (reply.kind === "mask") waiting?.resolve(reply.mask);
    else waiting?.reject(unpackError(reply.error));
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

const hint = "If memory ran out, use smaller pictures or fewer threads.";

function died(error: unknown): ResourceError {
  return new ResourceError(`predictor: its thread died: ${messageOf(error)}`, { hint, cause: error });
}

function ended(code: number): ResourceError {
  return new ResourceError(`predictor: its thread ended with code ${code}`, { hint });
}
