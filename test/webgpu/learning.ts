import {
  drawStreet,
  type Engine,
  type LabelledImage,
  Learner,
  type LearnerOptions,
  memoryData,
  MemoryHost,
  Random,
  streetsClasses,
  unet,
} from "../../src/index.web.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { TinyEncoder } from "../support/tiny-encoder.ts";

/** What a short training came to, as plain numbers. */
export interface Learned {
  /** The smoothed loss of every step. */
  readonly losses: readonly number[];
  readonly validation: number;
  /** Bytes of the saved weights. */
  readonly saved: number;
  /** The model as an exported file, and the class of every pixel by the learner itself. */
  readonly exported: string;
  readonly predictions: readonly number[];
}

/** The pictures that `learnStreets` trains on; the last two validate. */
export const streets: readonly LabelledImage[] = Array.from({ length: 6 }, (_, i) => {
  const { height, width, image, mask } = drawStreet(new Random(1).split(i), { height: 16, width: 24 });
  return { image: { height, width, data: image }, mask: { height, width, data: mask } };
});

/** A learner of a tiny U-Net on scenes drawn in memory. */
export function streetsLearner(engine: Engine, options: LearnerOptions = {}): Promise<Learner> {
  const data = memoryData(
    { classes: streetsClasses, train: streets.slice(0, 4), valid: streets.slice(4) },
    { size: [16, 24], batchSize: 2, seed: 1 },
  );
  const model = unet({ encoder: new TinyEncoder([4, 6, 8]), classes: streetsClasses.length });
  return Learner.create(data, model, engine, { seed: 1, ...options });
}

/** One epoch of it, the weights saved and the model exported: all by the API for browsers. */
export async function learnStreets(engine: Engine, runtime?: Runtime): Promise<Learned> {
  const host = new MemoryHost();
  const learner = await streetsLearner(engine, { host });
  await learner.fitOneCycle(1, 1e-3);
  const { loss } = await learner.validate();
  const file = await learner.save("last");
  const { bytes } = await learner.export("model.onnx", { ...(runtime && { runtime }) });
  const predictions: number[] = [];
  for await (const batch of learner.getPreds()) predictions.push(...batch.predictions);
  await learner.close();
  return {
    ...{ losses: learner.recorder.losses, validation: loss, predictions },
    saved: host.files.get(file)!.length,
    exported: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")),
  };
}
