import type { TrainingEvent, TrainingRequest } from "./protocol.ts";

/** The thread that trains. */
export class TrainingClient {
  readonly #worker = new Worker(new URL("./training.worker.ts", import.meta.url), { type: "module" });

  /** @param hear is told all that happens there. */
  constructor(hear: (event: TrainingEvent) => void) {
    this.#worker.addEventListener("message", ({ data }: MessageEvent<TrainingEvent>) => hear(data));
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      const why = event.message ? `: ${event.message}` : "";
      const hint = "Load the page again: the training goes on from its last whole epoch.";
      hear({ kind: "error", message: `The thread that trains ended${why}.`, hint });
    });
  }

  ask(request: TrainingRequest): void {
    this.#worker.postMessage(request);
  }
}
