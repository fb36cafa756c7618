import type { RgbImage } from "../data/image.ts";
import type { StateDict } from "../nn/state.ts";
import type { RuntimeOptions } from "../runtime/ort.node.ts";
import { ThreadCalls } from "../util/thread-calls.node.ts";
import { buffersIn } from "../util/transfer.ts";
import { startWorker } from "../util/worker-entry.node.ts";
import type { ModelCard } from "./card.ts";
import { asked, type MaskPredictor, type PredictedMask, type PredictOptions } from "./predicted-mask.ts";
import type { PredictorOptions } from "./prediction-programs.ts";
import type { PredictorMethods, PredictorReady, PredictorSetup } from "./predictor-protocol.node.ts";

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
  const calls = await ThreadCalls.start<PredictorMethods, PredictorReady>(worker, "predictor");
  if (calls.ready.fallback) onFallback?.(calls.ready.fallback);
  return new PredictorThread(calls, card);
}

/** The memory blocks that hold little else than the weights: a file of them is one block. Others are copied. */
function memoryOf(state: StateDict): ArrayBuffer[] {
  const used = new Map<ArrayBufferLike, number>();
  for (const { data } of state.values()) used.set(data.buffer, (used.get(data.buffer) ?? 0) + data.byteLength);
  return [...used].flatMap(([buffer, bytes]) =>
    buffer instanceof ArrayBuffer && 2 * bytes > buffer.byteLength ? [buffer] : [],
  );
}

class PredictorThread implements MaskPredictor {
  readonly card: ModelCard;
  readonly #calls: ThreadCalls<PredictorMethods, PredictorReady>;

  constructor(calls: ThreadCalls<PredictorMethods, PredictorReady>, card: ModelCard) {
    this.#calls = calls;
    this.card = card;
  }

  async predict(image: RgbImage, options: PredictOptions = {}): Promise<PredictedMask> {
    const question = asked(this.card, image, options);
    return this.#calls.call("predict", [question], buffersIn(question));
  }

  /** A thread that is dead already is no error. */
  async release(): Promise<void> {
    await this.#calls.call("release", []).catch(() => {});
    await this.#calls.end();
  }
}
