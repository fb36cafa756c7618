import { crossEntropy } from "../../src/losses/cross-entropy.ts";
import { unet } from "../../src/models/unet/unet.ts";
import { namedParameters } from "../../src/nn/module.ts";
import { initialState } from "../../src/nn/state.ts";
import type { Engine } from "../../src/train/engine.ts";
import { trainingProgram, validationProgram } from "../../src/train/programs.ts";
import { Random } from "../../src/util/random.ts";
import { TinyEncoder } from "../support/tiny-encoder.ts";

/** What a few steps made of a tiny U-Net, as plain numbers. */
export interface Trained {
  /** Loss and gradient norm of every step. */
  readonly steps: readonly (readonly number[])[];
  /** Weights and buffers. */
  readonly state: Readonly<Record<string, readonly number[]>>;
  /** AdamW's first moments. */
  readonly moments: Readonly<Record<string, readonly number[]>>;
  readonly validation: { readonly loss: number; readonly predictions: readonly number[] };
}

const shape = { n: 2, height: 16, width: 24 };

/** Trains a tiny U-Net for some steps with clipping and averages, and validates it. */
export async function trainTiny(engine: Engine, steps: number): Promise<Trained> {
  const model = unet({ encoder: new TinyEncoder([4, 6, 8]), classes: 3 });
  const trainable = namedParameters(model).map(([name]) => name);
  const random = new Random(3);
  const pixels = shape.n * shape.height * shape.width;
  const images = Float32Array.from({ length: 3 * pixels }, () => random.normal());
  const masks = Int32Array.from({ length: pixels }, () => random.integer(3));
  const hypers = Object.fromEntries(trainable.map((name, i) => [name, { lr: i < 9 ? 5e-4 : 1e-3, wd: 0.01 }]));
  await engine.setState(initialState(model, new Random(1)));
  await engine.define("train", trainingProgram(model, crossEntropy(), shape, { trainable }, engine.target));
  const numbers: number[][] = [];
  for (let i = 0; i < steps; i++) {
    const batch = { images: images.slice(), masks: masks.slice() };
    const { loss, gradientNorm } = await engine.step("train", batch, { mom: 0.9, hypers, clip: 1, average: 0.9 });
    numbers.push([Number(loss![0]), Number(gradientNorm![0])]);
  }
  await engine.release("train");
  await engine.define("validate", validationProgram(model, crossEntropy(), shape, engine.target));
  const { loss, predictions } = await engine.infer("validate", { images, masks });
  const state = [...(await engine.state())].map(([name, { data }]) => [name, [...data]] as const);
  const { slots } = await engine.optimizerState();
  const result: Trained = {
    steps: numbers,
    state: Object.fromEntries(state),
    moments: Object.fromEntries(Object.entries(slots).map(([name, { m }]) => [name, [...m!]])),
    validation: { loss: Number(loss![0]), predictions: Array.from(predictions!, Number) },
  };
  await engine.close();
  return result;
}
