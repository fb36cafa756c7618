import type { WebBackendName } from "../../runtime/file-backend.web.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Callback } from "../../train/callback.ts";
import type { Engine } from "../../train/engine.ts";
import type { Host } from "../../train/host.ts";
import { messageOf, SegkitError } from "../../util/errors.ts";
import { keepTraining, type KeptTraining, recallTraining } from "./kept-training.ts";
import { OpenTraining, rowOf, standingOf } from "./open-training.ts";
import type { Standing, TrainingEvent, TrainingRequest, TrainingSettings } from "./protocol.ts";
import { architecture } from "./recipe.ts";
import { drawScenes, shownScenes, toShow } from "./scenes.ts";

/** What a training needs of the world around it. */
export interface TrainerTools {
  /** Where it is kept. */
  readonly host: Host;
  /** What computes, and why that is not the GPU. */
  openEngine(backend: WebBackendName): Promise<{ readonly engine: Engine; readonly reason: string | undefined }>;
  /** What exported files are tried out on. */
  openProcessor(): Promise<Runtime>;
  readonly tell: (event: TrainingEvent) => void;
}

/** The least time between two looks at the shown scenes, in milliseconds. */
const lookEvery = 700;

const stopped = new Error("stopped");

/** One training after the other, as the page asks for them. */
export class Trainer {
  readonly #tools: TrainerTools;
  #open: OpenTraining | undefined;
  #stop: AbortController | undefined;
  #hasWarned = false;

  constructor(tools: TrainerTools) {
    this.#tools = tools;
  }

  /** Does what is asked, and tells what comes of it; resolves when it is done. */
  async hear(request: TrainingRequest): Promise<void> {
    if (request.kind === "stop") return this.#stop?.abort(stopped);
    if (this.#stop) throw new Error(`internal: asked to ${request.kind} in the middle of something else`);
    const { signal } = (this.#stop = new AbortController());
    try {
      await this.#work(request, signal);
    } catch (error) {
      if (error !== stopped) await this.#failed(error);
    } finally {
      this.#stop = undefined;
    }
    this.#tools.tell({ kind: "rests", standing: await this.#standing() });
  }

  async #work(request: Exclude<TrainingRequest, { kind: "stop" }>, signal: AbortSignal): Promise<void> {
    if (request.kind === "recall") return this.#show(request.settings);
    if (request.kind === "start") {
      await this.#close();
      return this.#fit(await this.#opened(request.settings, request.backend, null, signal), signal);
    }
    const open = this.#open ?? (await this.#reopened(request.backend, signal));
    return request.kind === "resume" ? this.#fit(open, signal) : this.#export(open);
  }

  /** Shows some scenes before anything is trained. */
  async #show(settings: TrainingSettings): Promise<void> {
    const kept = await recallTraining(this.#tools.host);
    this.#tools.tell({ kind: "scenes", scenes: toShow(shownScenes(kept?.settings ?? settings)) });
  }

  async #opened(
    settings: TrainingSettings,
    backend: WebBackendName,
    kept: KeptTraining | null,
    signal: AbortSignal,
  ): Promise<OpenTraining> {
    const { tell } = this.#tools;
    tell({ kind: "scenes", scenes: toShow(shownScenes(settings)) });
    const onProgress = (done: number, total: number): void => tell({ kind: "drawing", done, total });
    const scenes = await drawScenes(settings, { onProgress, signal });
    const { engine, reason } = await this.#tools.openEngine(backend);
    const open = (this.#open = await OpenTraining.open({ settings, scenes, engine, kept }));
    tell({ kind: "began", standing: open.standing, device: engine.description, reason });
    tell({ kind: "predictions", masks: await open.predict() });
    return open;
  }

  async #reopened(backend: WebBackendName, signal: AbortSignal): Promise<OpenTraining> {
    const kept = await recallTraining(this.#tools.host);
    if (!kept) throw new SegkitError("There is no training that could go on.", { hint: "Start a new one." });
    return this.#opened(kept.settings, backend, kept, signal);
  }

  async #fit(open: OpenTraining, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    try {
      await open.fit({ signal, callbacks: [this.#watch(open)] });
    } finally {
      if (open.losses.length > 0) await this.#keep(open);
    }
  }

  #watch(open: OpenTraining): Callback {
    const { tell } = this.#tools;
    let looked = performance.now();
    const look = async (): Promise<void> => {
      tell({ kind: "predictions", masks: await open.predict() });
      looked = performance.now();
    };
    return {
      order: 100,
      batchEnd: async ({ smoothLoss }) => {
        open.losses.push(smoothLoss);
        tell({ kind: "step", loss: smoothLoss });
        if (performance.now() - looked >= lookEvery) await look();
      },
      epochEnd: async (_, result) => {
        tell({ kind: "epoch", row: rowOf(result) });
        await look();
        await this.#keep(open);
      },
    };
  }

  /** Keeps a training for later; where that fails, it goes on all the same. */
  async #keep(open: OpenTraining): Promise<void> {
    try {
      await keepTraining(this.#tools.host, open, await open.learner.checkpoint());
    } catch (error) {
      if (!this.#hasWarned) this.#tell(error);
      this.#hasWarned = true;
    }
  }

  async #export(open: OpenTraining): Promise<void> {
    const origin = { architecture, date: new Date().toISOString() };
    const runtime = await this.#tools.openProcessor();
    const { bytes } = await open.learner.export("model.onnx", { origin, runtime });
    this.#tools.tell({ kind: "model", bytes });
  }

  async #standing(): Promise<Standing | null> {
    if (this.#open) return this.#open.standing;
    const kept = await recallTraining(this.#tools.host);
    return kept && standingOf(kept.settings, kept.losses, kept.checkpoint.position);
  }

  /** What failed may not be usable any more: it is opened again from what is kept. */
  async #failed(error: unknown): Promise<void> {
    this.#tell(error);
    await this.#close().catch(() => {});
  }

  #tell(error: unknown): void {
    const hint = error instanceof SegkitError ? error.hint : undefined;
    this.#tools.tell({ kind: "error", message: messageOf(error), hint });
  }

  async #close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.learner.close();
  }
}
