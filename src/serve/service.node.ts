import { ResourceError } from "../util/errors.ts";
import type { Prediction } from "./answers.node.ts";
import type { Deadline } from "./deadline.ts";
import { atWork, type ServeLimits } from "./limits.ts";
import { decodePicture } from "./picture.node.ts";
import { PredictionQueue } from "./prediction-queue.ts";
import { Problem } from "./problem.ts";
import type { OpenModel, ServedModel } from "./served-model.ts";

const longestPause = 30_000;

/** A model that predicts for many clients: opened, warmed up, opened again where it dies, released at the end. */
export class PredictionService {
  readonly limits: ServeLimits;
  readonly queue: PredictionQueue;
  readonly #open: OpenModel;
  readonly #onFailure: (error: unknown) => void;
  #model: ServedModel | undefined;
  #stopped = false;
  #reopening: Promise<void> = Promise.resolve();
  /** Milliseconds of a prediction, averaged over the latest. */
  #pace = 0;

  /** @param onFailure hears of a model that died, or cannot be opened again. */
  constructor(open: OpenModel, limits: ServeLimits, onFailure: (error: unknown) => void) {
    this.#open = open;
    this.limits = limits;
    this.#onFailure = onFailure;
    this.queue = new PredictionQueue(limits.queue, atWork);
  }

  get ready(): boolean {
    return this.#model !== undefined && !this.#stopped;
  }

  /** Whether it takes no new requests any more. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Seconds after which a client that found no place may try again. */
  get retryAfter(): number {
    return Math.min(Math.max(Math.ceil((this.queue.inside * this.#pace) / 1000), 1), 60);
  }

  /** Opens the model; throws what keeps it from being opened. */
  async start(): Promise<void> {
    const model = await this.#open();
    // A size other than the network's own needs all that any size needs.
    const [height, width] = [model.size[0] + 1, model.size[1] + 1];
    await model.predict({ data: new Uint8Array(3 * height * width), height, width });
    this.#model = model;
  }

  /** Takes a place for a request, or throws the Problem that keeps it out. */
  enter(): void {
    this.requireReady();
    if (this.queue.enter()) return;
    throw new Problem("busy", `${this.limits.queue} requests are being worked on, which is the limit`, {
      hint: "Try again later.",
      headers: { "Retry-After": String(this.retryAfter) },
    });
  }

  /** Decodes a picture, predicts its mask and gives what `encode` makes of them, all at the request's turn. */
  async predict<T>(bytes: Uint8Array, deadline: Deadline, encode: (prediction: Prediction) => Promise<T>): Promise<T> {
    const arrival = performance.now();
    return this.queue.work(async () => {
      const begin = performance.now();
      const image = await decodePicture(bytes, this.limits);
      deadline.signal.throwIfAborted();
      const decoded = performance.now();
      const model = this.#loadedModel();
      const mask = await model.predict(image).catch((error: unknown) => this.#predictionFailed(model, error));
      const end = performance.now();
      this.#pace += 0.1 * (end - decoded - this.#pace);
      const milliseconds = { queue: begin - arrival, decode: decoded - begin, predict: end - decoded };
      return encode({ image, mask, model, milliseconds });
    }, deadline.signal);
  }

  /** Takes no new requests; those inside go on. */
  refuse(): void {
    this.#stopped = true;
  }

  /** Releases the model, when the last request is done. */
  async release(): Promise<void> {
    this.refuse();
    await this.#reopening;
    await this.#model?.release();
    this.#model = undefined;
  }

  /** Throws a Problem while there is no model, or no more requests are taken. */
  requireReady(): void {
    if (this.#stopped) throw notReady("the server is stopping");
    this.#loadedModel();
  }

  #loadedModel(): ServedModel {
    if (this.#model) return this.#model;
    throw notReady("the model is being loaded");
  }

  /** A lack of resources may have cost the model its thread: it is opened anew, once. */
  #predictionFailed(model: ServedModel, error: unknown): never {
    if (!(error instanceof ResourceError)) throw error;
    if (this.#model === model) {
      this.#model = undefined;
      this.#onFailure(error);
      this.#reopening = this.#reopen(model);
    }
    throw notReady("the model failed and is being loaded again", error);
  }

  async #reopen(dead: ServedModel): Promise<void> {
    await dead.release().catch(() => {});
    for (let pause = 1000; !this.#model && !this.#stopped; pause = Math.min(2 * pause, longestPause))
      await this.start().catch(async (error: unknown) => {
        this.#onFailure(error);
        await new Promise((resolve) => setTimeout(resolve, pause).unref());
      });
  }
}

function notReady(detail: string, cause?: unknown): Problem {
  const hint = "Try again later; if it happens again, with a smaller picture.";
  return new Problem("not-ready", detail, { hint, headers: { "Retry-After": "5" }, cause });
}
