import type { WebBackendName } from "../../runtime/file-backend.web.ts";
import { SegkitError } from "../../util/errors.ts";
import type { ModelSpec } from "../../inference/model-spec.ts";
import type { Device, Prediction, WorkerAnswer, WorkerRequest } from "./protocol.ts";

/** What a client is told while its worker works. */
export interface ClientEvents {
  /** So many bytes of the model have come. */
  readonly onProgress: (loaded: number) => void;
  /** What runs the model, also where that changes. */
  readonly onDevice: (device: Device) => void;
}

/** Where a model is, and what is to run it. */
export interface ModelSource {
  /** Absolute: a worker has another place than its page. */
  readonly url: string;
  readonly bytes: number;
  readonly backend: WebBackendName;
}

/** Predicts in a worker, one picture at a time. */
export class PredictorClient {
  readonly #worker = new Worker(new URL("./predictor.worker.ts", import.meta.url), { type: "module" });
  readonly #events: ClientEvents;
  #settle: { resolve(answer: WorkerAnswer): void; reject(error: unknown): void } | undefined;
  #answered: Promise<unknown> = Promise.resolve();

  constructor(events: ClientEvents) {
    this.#events = events;
    this.#worker.addEventListener("message", ({ data }: MessageEvent<WorkerAnswer>) => this.#hear(data));
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      const why = event.message ? `: ${event.message}` : "";
      this.#settle?.reject(
        new SegkitError(`the thread that predicts ended${why}`, {
          hint: "Load the page again; if memory ran out, with a smaller picture.",
        }),
      );
    });
  }

  /** Whether it is at work. */
  get isBusy(): boolean {
    return this.#settle !== undefined;
  }

  /** Resolves when it is not at work. */
  async whenIdle(): Promise<void> {
    while (this.isBusy) await this.#answered.catch(() => {});
  }

  /** Loads a model, in the place of the one before; throws what keeps it from being loaded. Not while it is busy. */
  async load(source: ModelSource): Promise<ModelSpec> {
    const ready = await this.#ask({ kind: "load", ...source }, "ready");
    this.#events.onDevice(ready.device);
    return ready.spec;
  }

  /** Predicts a picture, which goes over to the worker; not while it is busy. */
  async predict(picture: ImageBitmap): Promise<Prediction> {
    return (await this.#ask({ kind: "predict", picture }, "prediction", [picture])).prediction;
  }

  async #ask<Kind extends WorkerAnswer["kind"]>(
    request: WorkerRequest,
    kind: Kind,
    transfer: Transferable[] = [],
  ): Promise<Extract<WorkerAnswer, { kind: Kind }>> {
    if (this.isBusy) throw new Error("internal: the worker was asked while it was busy");
    try {
      const answered = new Promise<WorkerAnswer>((resolve, reject) => {
        this.#settle = { resolve, reject };
        this.#worker.postMessage(request, transfer);
      });
      this.#answered = answered;
      const answer = await answered;
      if (answer.kind !== kind) throw new Error(`internal: the worker answered ${answer.kind} instead of ${kind}`);
      return answer as Extract<WorkerAnswer, { kind: Kind }>;
    } finally {
      this.#settle = undefined;
    }
  }

  #hear(answer: WorkerAnswer): void {
    if (answer.kind === "progress") this.#events.onProgress(answer.loaded);
    else if (answer.kind === "device") this.#events.onDevice(answer.device);
    else if (answer.kind === "error")
      this.#settle?.reject(new SegkitError(answer.message, answer.hint === undefined ? {} : { hint: answer.hint }));
    else this.#settle?.resolve(answer);
  }
}
