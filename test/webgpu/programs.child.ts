// Loads the programs that training, validation and prediction are made of on the GPU, where a gap is an error. Prints each
// program's name and what it failed with, null where it loaded.
import { losses } from "../../src/losses/index.ts";
import { metricOutputs } from "../../src/metrics/epoch-score.ts";
import { metrics } from "../../src/metrics/index.ts";
import type { SegmentationModel } from "../../src/models/model.ts";
import { encoders } from "../../src/models/encoders/index.ts";
import { unet } from "../../src/models/unet/unet.ts";
import { namedParameters } from "../../src/nn/module.ts";
import type { LoweredProgram } from "../../src/onnx/lower.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";
import { activations, predictionsProgram } from "../../src/train/prediction-program.ts";
import { trainingProgram, validationProgram } from "../../src/train/programs.ts";
import { TinyEncoder } from "../support/tiny-encoder.ts";

const runtime = await openRuntime({ backend: "webgpu" });
const { target } = runtime;
const shape = { n: 2, height: 32, width: 32 };
const crossEntropy = losses.crossEntropy();
const tiny = unet({ encoder: new TinyEncoder([4, 6, 8]), classes: 3 });

const training = (model: SegmentationModel, loss = crossEntropy, mixed = false): LoweredProgram => {
  const trainable = namedParameters(model).map(([name]) => name);
  return trainingProgram(model, loss, shape, { trainable, mixed }, target);
};

const all = (logits: Parameters<typeof metricOutputs>[1], y: Parameters<typeof metricOutputs>[2]) =>
  metricOutputs(Object.values(metrics), logits, y, { classes: 3, voidIndex: null });

const programs: Record<string, () => LoweredProgram> = {
  ...Object.fromEntries(Object.entries(losses).map(([name, loss]) => [name, () => training(tiny, loss())])),
  "two masks": () => training(tiny, crossEntropy, true),
  "all metrics": () => validationProgram(tiny, crossEntropy, shape, target, all),
  ...Object.fromEntries(
    ([...Object.keys(activations), null] as (keyof typeof activations | null)[]).map((activation) => [
      `predictions, ${activation}`,
      () => predictionsProgram(tiny, shape, { activation, loss: crossEntropy }, target),
    ]),
  ),
  "self-attention, bottleneck, blur": () =>
    training(unet({ encoder: "resnet18", classes: 12, selfAttention: true, bottle: true, blur: true })),
  ...Object.fromEntries(
    Object.values(encoders).map((encoder) => [encoder.name, () => training(unet({ encoder, classes: 12 }))]),
  ),
};

const failures: Record<string, string | null> = {};
for (const [name, make] of Object.entries(programs))
  failures[name] = await runtime.load(make()).then(
    async (program) => {
      await program.release();
      return null;
    },
    (error: unknown) => String(error),
  );
process.stdout.write(JSON.stringify(failures));
