import type { LabelledImage } from "../../data/memory-data.ts";
import { memoryData } from "../../data/memory-data.ts";
import type { DataBunch } from "../../data/databunch.ts";
import { streetsClasses } from "../../data/streets/streets.ts";
import type { Engine } from "../../train/engine.ts";
import type { FitPosition } from "../../train/fit.ts";
import { Learner } from "../../train/learner.ts";
import { MemoryHost } from "../../train/memory-host.ts";
import { type KeptTraining, stepsPerEpoch } from "./kept-training.ts";
import type { EpochRow, Standing, TrainingSettings } from "./protocol.ts";
import { recipe, smallUnet } from "./recipe.ts";
import { palette, voidIndex } from "./scenes.ts";

/** What a training is opened with. */
export interface OpenWith {
  readonly settings: TrainingSettings;
  readonly scenes: { readonly train: readonly LabelledImage[]; readonly valid: readonly LabelledImage[] };
  readonly engine: Engine;
  /** Where it went on from, when it was interrupted. */
  readonly kept: KeptTraining | null;
}

/** A training whose network is in memory. */
export class OpenTraining {
  readonly settings: TrainingSettings;
  readonly learner: Learner;
  /** Smoothed training loss of every step so far. */
  readonly losses: number[];
  /** The scenes that are shown, as one batch. */
  readonly #shown: DataBunch;
  /** Where the fit stands; undefined before it has begun. */
  #position: FitPosition | undefined;

  private constructor({ settings, kept }: OpenWith, learner: Learner, shown: DataBunch) {
    [this.settings, this.learner, this.#shown] = [settings, learner, shown];
    this.losses = [...(kept?.losses ?? [])];
    this.#position = kept?.checkpoint.position;
  }

  /** A training with fresh weights, or with those that were kept. */
  static async open(given: OpenWith): Promise<OpenTraining> {
    const { settings, scenes, engine, kept } = given;
    const shown = scenes.valid.slice(0, recipe.shownScenes);
    const learner = await Learner.create(dataOf(settings, scenes), smallUnet(streetsClasses.length), engine, {
      ...{ seed: settings.seed, host: new MemoryHost() },
      ...(kept && { weights: kept.checkpoint.weights }),
    });
    if (kept) await engine.setOptimizerState(kept.checkpoint.optimizer);
    return new OpenTraining(given, learner, dataOf(settings, { train: shown, valid: shown }));
  }

  /** Trains to the end, or until the signal: by throwing its reason. */
  async fit(callback: Parameters<typeof Learner.prototype.fitOneCycle>[2] & object): Promise<void> {
    const from = this.#position;
    try {
      await this.learner.fitOneCycle(this.settings.epochs, recipe.learningRate, { ...callback, ...(from && { from }) });
    } finally {
      this.#position = (await this.learner.checkpoint()).position;
    }
  }

  /** Class ids of every shown scene. */
  async predict(): Promise<Uint8Array[]> {
    const masks: Uint8Array[] = [];
    for await (const { n, height, width, predictions } of this.learner.getPreds({ loader: this.#shown.valid }))
      for (let i = 0; i < n; i++) masks.push(predictions.slice(i * height * width, (i + 1) * height * width));
    return masks;
  }

  get standing(): Standing {
    return standingOf(this.settings, this.losses, this.#position);
  }
}

/** A training as far as it has come. */
export function standingOf(
  settings: TrainingSettings,
  losses: readonly number[],
  position: FitPosition | undefined,
): Standing {
  return { settings, losses, epochs: (position?.history ?? []).map(rowOf), stepsPerEpoch };
}

/** What an epoch came to. */
export function rowOf({ epoch, trainLoss, validation }: FitPosition["history"][number]): EpochRow {
  const { loss, metrics } = validation;
  const { acc_camvid: accuracy = NaN, mean_iou: meanIou = NaN } = metrics;
  return { epoch: epoch + 1, trainLoss, validLoss: loss, accuracy, meanIou };
}

function dataOf({ height, width, seed }: TrainingSettings, scenes: OpenWith["scenes"]): DataBunch {
  const options = { size: [height, width], batchSize: recipe.batchSize, seed } as const;
  return memoryData({ classes: streetsClasses, voidIndex, palette, ...scenes }, options);
}
