import { expect, test } from "vitest";
import { TinyEncoder } from "../../test/support/tiny-encoder.ts";
import { unet } from "../models/unet/unet.ts";
import { summarize, summaryText } from "./summary.ts";

test("resnet34 U-Net, 32 classes: every parameter is in the table, and the shapes are those of a picture", () => {
  const { layers, parameters } = summarize(unet({ encoder: "resnet34", classes: 32 }), [360, 480]);
  expect(parameters).toBe(41_224_168);
  expect(layers.reduce((sum, layer) => sum + layer.parameters, 0)).toBe(41_224_168);
  expect(layers[0]).toEqual({
    ...{ name: "layers.0.0", type: "Conv2d", outputShape: [64, 180, 240], parameters: 9408, trainable: true },
  });
  expect(layers.at(-1)).toMatchObject({ type: "Conv2d", outputShape: [32, 360, 480], parameters: 3200 });
  expect(layers.every(({ outputShape }) => outputShape !== null)).toBe(true);
});

test("the table says what trains and what with", () => {
  const model = unet({ encoder: new TinyEncoder(), classes: 2 });
  const trainable = new Set(["layers.0.1.weight", "layers.1.weight"]);
  const summary = summarize(model, [32, 40], trainable);
  expect(summary.layers.slice(0, 2).map((layer) => layer.trainable)).toEqual([false, true]);
  expect(summary.trainableParameters).toBe(8 + 24);
  const notes = {
    weightDecay: "0.01",
    engine: "cpu, 1 thread",
    loss: "cross-entropy",
    callbacks: ["Recorder"],
    trainedFrom: [2, 3],
  } as const;
  const text = summaryText(summary, notes);
  expect(text.split("\n").slice(0, 7).join("\n")).toMatchInlineSnapshot(`
    "==============================================
    Layer (type)  Output Shape  Param #  Trainable
    ==============================================
    Conv2d        [8, 16, 20]       216  no
    BatchNorm2d   [8, 16, 20]        16  yes
    Conv2d        [16, 8, 10]     1,152  no
    Relu          [16, 8, 10]         0"
  `);
  expect(text.split("\n").slice(-8).join("\n")).toMatchInlineSnapshot(`
    "Total params: 50,219
    Total trainable params: 32
    Total non-trainable params: 50,187
    Layer groups: 3, those from 2 on train
    Weight decay: 0.01
    Loss: cross-entropy
    Callbacks: Recorder
    Engine: cpu, 1 thread"
  `);
});

test("looking leaves the model as it was", () => {
  const model = unet({ encoder: new TinyEncoder(), classes: 2 });
  summarize(model, [32, 40]);
  expect(Object.keys(model.norm)).not.toContain("forward");
  expect(() => summarize(model, [1, 1])).toThrow("model: expected pictures of at least");
  expect(Object.keys(model.norm)).not.toContain("forward");
});
