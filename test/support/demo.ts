import { exportModel } from "../../src/export/export-model.ts";
import { type ModelCard, modelOf } from "../../src/inference/card.ts";
import { initialState } from "../../src/nn/state.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";
import { Random } from "../../src/util/random.ts";

/** A small model that nobody trained. */
export const demoCard: ModelCard = {
  format: 1,
  architecture: {
    ...{ encoder: "mobilenetV3Large", channels: 3, blur: false, blurFinal: true, selfAttention: false, yRange: null },
    ...{ lastCross: true, bottle: false, normType: null },
  },
  ...{ classes: ["sky", "road", "car", "void"], voidIndex: 3 },
  palette: [
    [120, 160, 220],
    [90, 90, 100],
    [200, 40, 40],
    [0, 0, 0],
  ],
  size: [48, 64],
  stats: { mean: [0.5, 0.4, 0.3], std: [0.25, 0.2, 0.3] },
};

/** It as an exported file; other seeds give other weights. */
export async function demoModel(seed = 1): Promise<Uint8Array> {
  const model = modelOf(demoCard);
  const source = { model, state: initialState(model, new Random(seed)), data: demoCard };
  return (await exportModel(source, await openRuntime({ backend: "cpu", threads: 1 }), {})).bytes;
}
