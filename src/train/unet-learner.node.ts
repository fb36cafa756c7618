import type { DataBunch } from "../data/databunch.ts";
import type { EncoderName } from "../models/encoders/index.ts";
import { type UNet, unet, type UnetOptions } from "../models/unet/unet.ts";
import { type EngineOptions, openEngine } from "./engine-thread.node.ts";
import { Learner, type LearnerOptions } from "./learner.ts";

export type UnetLearnerOptions = LearnerOptions & Omit<UnetOptions, "encoder" | "classes"> & EngineOptions;

/**
 * A learner with a U-Net over an encoder, its weights drawn at random, training in a thread of its own (fastai's
 * `unet_learner`). Close it when done: `await learn.close()`.
 */
export async function unetLearner(
  data: DataBunch,
  encoder: EncoderName,
  options: UnetLearnerOptions = {},
): Promise<Learner> {
  const model: UNet = unet({ ...options, encoder, classes: data.classes.length });
  const engine = await openEngine(engineOptions(options));
  try {
    return await Learner.create(data, model, engine, options);
  } catch (error) {
    await engine.close();
    throw error;
  }
}

function engineOptions({ backend, threads, optimizer, onFallback }: EngineOptions): EngineOptions {
  return {
    ...(backend === undefined ? {} : { backend }),
    ...(threads === undefined ? {} : { threads }),
    ...(optimizer === undefined ? {} : { optimizer }),
    ...(onFallback === undefined ? {} : { onFallback }),
  };
}
