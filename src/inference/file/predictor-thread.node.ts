import type { RgbImage } from "../../data/image.ts";
import type { PixelRowsFile } from "../../data/pixel-rows.node.ts";
import { ThreadCalls } from "../../util/thread-calls.node.ts";
import { startWorker } from "../../util/worker-entry.node.ts";
import type { ModelSpec } from "../model-spec.ts";
import type { SegmentOptions } from "./file-predictor.ts";
import type { LoadOptions } from "./load-predictor.node.ts";
import type {
  FilePredictorMethods,
  FilePredictorReady,
  FilePredictorSetup,
  IdRows,
} from "./predictor-protocol.node.ts";
import type { Segmentation } from "./segmentation.ts";
import type { RowsOptions } from "./windows.ts";

/**
 * Loads exported files in a thread of their own, so that the calling thread reads and writes pictures meanwhile. Throws what
 * `loadPredictor` throws, a ResourceError when the thread dies.
 */
export async function openFilePredictor(
  sources: readonly (string | Uint8Array)[],
  options: LoadOptions = {},
): Promise<FilePredictorThread> {
  const setup: FilePredictorSetup = { sources, options };
  const worker = startWorker("predictor.worker.node", import.meta.url, { workerData: setup });
  const calls = await ThreadCalls.start<FilePredictorMethods, FilePredictorReady>(worker, "model");
  return new FilePredictorThread(calls);
}

/** A `NodePredictor` in a thread of its own, as far as the command line and the server need one. */
export class FilePredictorThread {
  readonly spec: ModelSpec;
  readonly #calls: ThreadCalls<FilePredictorMethods, FilePredictorReady>;

  constructor(calls: ThreadCalls<FilePredictorMethods, FilePredictorReady>) {
    this.#calls = calls;
    this.spec = calls.ready.spec;
  }

  /** As `FilePredictor.predict`. The picture is copied: overlays need it afterwards. */
  async predict(image: RgbImage, options: SegmentOptions = {}): Promise<Segmentation> {
    return this.#calls.call("predict", [image, options]);
  }

  /** As `FilePredictor.predictRows`, of a picture on the disk, without probabilities. */
  async *predictRows(picture: PixelRowsFile, options: RowsOptions = {}): AsyncGenerator<IdRows, void, void> {
    const number = await this.#calls.call("beginRows", [picture, options]);
    try {
      for (;;) {
        const rows = await this.#calls.call("nextRows", [number]);
        if (!rows) return;
        yield rows;
      }
    } finally {
      await this.#calls.call("endRows", [number]).catch(() => {});
    }
  }

  /** Gives its memory back. A thread that is dead already is no error. */
  async release(): Promise<void> {
    await this.#calls.call("release", []).catch(() => {});
    await this.#calls.end();
  }
}
