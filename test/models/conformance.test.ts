import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gradients } from "../../src/graph/grad.ts";
import { abs } from "../../src/graph/ops/elementwise.ts";
import { sum } from "../../src/graph/ops/reduce.ts";
import { input } from "../../src/graph/tensor.ts";
import { cardOf, decodeCard, encodeCard, modelOf } from "../../src/inference/card.ts";
import { crossEntropy } from "../../src/losses/cross-entropy.ts";
import { type EncoderName, encoders } from "../../src/models/encoders/index.ts";
import { type UNet, unet } from "../../src/models/unet/unet.ts";
import { evaluation, namedLeaves, namedParameters, stateTensors, Training } from "../../src/nn/module.ts";
import { decodeSafetensors, encodeSafetensors } from "../../src/nn/safetensors.ts";
import { loadState, type StateDict } from "../../src/nn/state.ts";
import { compile } from "../../src/runtime/compile.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { goldenBatch, goldenState } from "../support/hash-fill.ts";
import { evaluate, valuesOf } from "../support/model-programs.ts";

const classes = 4;
const stats = { mean: [0, 0, 0], std: [1, 1, 1] };

let runtime: Runtime;
beforeAll(async () => {
  runtime = await openRuntime({ backend: "cpu", threads: 2 });
});

const skipped: Partial<Record<EncoderName, string>> = {
  resnet101: "it differs from resnet50 by more of the same blocks, and has 1.4 GB of weights",
};
const members = (Object.keys(encoders) as EncoderName[]).filter((name) => !(name in skipped));

describe.each(members)("%s", (name) => {
  const encoder = encoders[name]();
  const model = unet({ encoder, classes });
  let state: StateDict;
  beforeAll(() => {
    state = goldenState(model);
  });
  afterAll(() => {
    // The larger U-Nets have more than a gigabyte of weights: not all at once.
    state = new Map();
  });

  test("features have the channels and strides it states", () => {
    const [h, w] = [97, 130];
    const features = encoder.features(input("x", [1, encoder.inputChannels, h, w]), evaluation);
    expect(features.map(({ shape }) => shape)).toEqual(
      encoder.channels.map((c, i) => [1, c, Math.ceil(h / encoder.strides[i]!), Math.ceil(w / encoder.strides[i]!)]),
    );
  });

  test("every buffer is updated in training, none in evaluation", () => {
    const context = new Training();
    model.forward(input("x", [1, 3, 64, 64]), context);
    const buffers = Object.keys(Object.fromEntries(state)).filter((key) => key.includes("running_"));
    expect(context.updates.size).toBe(buffers.length);
  });

  test("the gradient of one odd-sized picture reaches every parameter", async () => {
    const size = [1, 37, 51] as const;
    const x = input("x", [1, 3, 37, 51]);
    const target = input("target", size, "int32");
    const parameters = namedParameters(model);
    const loss = crossEntropy()(model.forward(x, new Training()), target);
    const grads = gradients(
      loss,
      parameters.map(([, { tensor }]) => tensor),
    );
    const outputs = Object.fromEntries(
      parameters.map(([parameter], i) => [`gradient:${parameter}`, sum(abs(grads[i]!))]),
    );
    const program = await compile(runtime, { inputs: { ...stateTensors(model), x, target }, outputs });
    const magnitudes = await program.run({ ...valuesOf(state), ...goldenBatch(size, classes) });
    for (const [parameter, [magnitude]] of Object.entries(magnitudes)) {
      expect(magnitude, parameter).toBeGreaterThan(0);
      expect(magnitude, parameter).toBeLessThan(Infinity);
    }
    await program.release();
  });

  test("the same weights serve every size", async () => {
    for (const size of [
      [2, 32, 32],
      [1, 33, 47],
      [1, 64, 35],
    ] as const) {
      const { logits } = await evaluate(runtime, model, state, size, goldenBatch(size, classes));
      expect(logits).toHaveLength(size[0] * classes * size[1] * size[2]);
      expect(logits.every(Number.isFinite)).toBe(true);
    }
  });

  test("a card brings back the network, also for pictures of other channels", () => {
    const names = (of: UNet) => namedLeaves(of).map(([leaf, { shape }]) => [leaf, shape]);
    for (const channels of [3, 5]) {
      const built = unet({ encoder: encoders[name], classes, channels });
      const data = { classes: ["a", "b", "c", "d"], voidIndex: null, palette: [], size: [64, 64], stats } as never;
      expect(names(modelOf(decodeCard(encodeCard(cardOf(built, data)))))).toEqual(names(built));
      expect(built.forward(input("x", [1, channels, 40, 40]), evaluation).shape).toEqual([1, classes, 40, 40]);
    }
  });

  test("weights saved, loaded into another model and run give the same logits", async () => {
    const file = Buffer.concat(encodeSafetensors(state));
    const other = unet({ encoder: name, classes });
    const loaded = loadState(other, decodeSafetensors(file).tensors);
    const size = [1, 34, 45] as const;
    const batch = goldenBatch(size, classes);
    const expected = await evaluate(runtime, model, state, size, batch);
    expect((await evaluate(runtime, other, loaded, size, batch)).logits).toEqual(expected.logits);
  });
});
