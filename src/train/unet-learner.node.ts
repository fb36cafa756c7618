import type { DataBunch } from "../data/databunch.ts";
import { loadPretrained } from "../inference/pretrained.node.ts";
import type { EncoderChoice } from "../models/encoders/index.ts";
import type { WeightsReport } from "../models/match-weights.ts";
import { type UNet, unet, type UnetOptions } from "../models/unet/unet.ts";
import { type EngineOptions, openEngine } from "./engine-thread.node.ts";
import { nodeHost } from "./host.node.ts";
import { Learner, type LearnerOptions } from "./learner.ts";

/** Which weights a learner begins with. */
export interface PretrainedLearnerOptions {
  /**
   * Weights to begin with: true for the encoder's published ones, downloaded once; the path of a .pth or .safetensors
   * file of the encoder or of a whole U-Net; false (default, where fastai's is true) for weights drawn at random.
   */
  readonly pretrained?: boolean | string;
  /** Told how the weights fit: what is missing, unexpected or of another shape. */
  readonly onPretrained?: (report: WeightsReport, file: string) => void;
}

/** Settings of a learner, its U-Net, its engine and its first weights. */
export type UnetLearnerOptions = LearnerOptions &
  Omit<UnetOptions, "encoder" | "classes"> &
  EngineOptions &
  PretrainedLearnerOptions;

/**
 * A learner with a U-Net over an encoder, training in a thread of its own (fastai's `unet_learner`). With weights of
 * the encoder alone it begins frozen: only the decoder trains until `unfreeze`. Close it when done: `await
 * learn.close()`. (fastai-spec §4.1.) Throws a ConfigError for options that make no network.
 * @param encoder its name, or its entry of the table: `models.resnet34`.
 * @throws what the weights' file is wrong in, see `loadPretrained`.
 * @example const learner = await unetLearner(data, "resnet34", { metrics: [accCamvid, meanIou], wd: 1e-2, seed: 1 });
 */
export async function unetLearner(
  data: DataBunch,
  encoder: EncoderChoice,
  options: UnetLearnerOptions = {},
): Promise<Learner> {
  const { pretrained = false, onPretrained, ...rest } = options;
  const model: UNet = unet({ ...rest, encoder, classes: data.classes.length });
  const found = pretrained === false ? null : await loadPretrained(model, pretrained);
  if (found) onPretrained?.(found.report, found.file);
  const weights = new Map([...(found?.state ?? []), ...(options.weights ?? [])]);
  const engine = await openEngine(engineOptions(options));
  try {
    const learner = await Learner.create(data, model, engine, { host: nodeHost, ...rest, weights });
    if (found?.report.part === "encoder") await learner.freeze();
    return learner;
  } catch (error) {
    await engine.close();
    throw error;
  }
}

function engineOptions({ backend, threads, formulas, fp16, optimizer, onFallback }: EngineOptions): EngineOptions {
  return {
    ...(backend === undefined ? {} : { backend }),
    ...(threads === undefined ? {} : { threads }),
    ...(formulas === undefined ? {} : { formulas }),
    ...(fp16 === undefined ? {} : { fp16 }),
    ...(optimizer === undefined ? {} : { optimizer }),
    ...(onFallback === undefined ? {} : { onFallback }),
  };
}
