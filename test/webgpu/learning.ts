import {
  drawStreet,
  type Engine,
  Learner,
  memoryData,
  MemoryHost,
  Random,
  streetsClasses,
  unet,
} from "../../src/index.web.ts";
import { TinyEncoder } from "../support/tiny-encoder.ts";

/** What a short training came to, as plain numbers. */
export interface Learned {
  /** The smoothed loss of every step. */
  readonly losses: readonly number[];
  readonly validation: number;
  /** Bytes of the saved weights. */
  readonly saved: number;
}

/** One epoch of a tiny U-Net on scenes drawn in memory, and the weights saved: all by the API for browsers. */
export async function learnStreets(engine: Engine): Promise<Learned> {
  const pairs = Array.from({ length: 6 }, (_, i) => {
    const { height, width, image, mask } = drawStreet(new Random(1).split(i), { height: 16, width: 24 });
    return { image: { height, width, data: image }, mask: { height, width, data: mask } };
  });
  const data = memoryData(
    { classes: streetsClasses, train: pairs.slice(0, 4), valid: pairs.slice(4) },
    { size: [16, 24], batchSize: 2, seed: 1 },
  );
  const host = new MemoryHost();
  const model = unet({ encoder: new TinyEncoder([4, 6, 8]), classes: streetsClasses.length });
  const learner = await Learner.create(data, model, engine, { seed: 1, host });
  await learner.fitOneCycle(1, 1e-3);
  const { loss } = await learner.validate();
  const file = await learner.save("last");
  await learner.close();
  return { losses: learner.recorder.losses, validation: loss, saved: host.files.get(file)!.length };
}
