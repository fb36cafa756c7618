import { expect, test } from "vitest";
import { unet } from "../../src/models/unet/unet.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";
import golden from "../golden/resnet34_unet.json" with { type: "json" };
import { goldenBatch, goldenState } from "../support/hash-fill.ts";
import { evaluate, train } from "../support/model-programs.ts";
import { expectGradient, expectSummary, firstStep } from "./golden.ts";

const study = golden.cases["64x96"];
const size = [2, 64, 96] as const;
const batch = goldenBatch(size, 5);
const tolerance = 1e-3;

test("the ResNet-34 U-Net has PyTorch's logits, loss, gradients and AdamW step", async () => {
  const runtime = await openRuntime({ backend: "cpu", threads: 2 });
  const model = unet({ encoder: "resnet34", classes: 5 });
  const state = goldenState(model);

  const { logits, loss } = await evaluate(runtime, model, state, size, batch);
  expectSummary("logits in evaluation", logits, study.eval_logits, tolerance);
  expect(loss / study.eval_loss).toBeCloseTo(1, 5);

  const pass = await train(runtime, model, state, size, batch);
  expectSummary("logits in training", pass.logits, study.train_logits, tolerance);
  expect(pass.loss).toBeCloseTo(study.train_loss, 5);
  for (const [name, expected] of Object.entries(study.grads))
    expectGradient(name, pass.gradients.get(name)!, expected, study.global_grad_l2, tolerance);
  for (const [name, { sum, first }] of Object.entries(study.running_stats_after_1_train_forward)) {
    const statistics = pass.buffers.get(name)!;
    expect(statistics[0], name).toBeCloseTo(first, 5);
    expect(statistics.reduce((a, b) => a + b) / sum, name).toBeCloseTo(1, 4);
  }

  for (const [name, data] of pass.buffers) state.get(name)!.data.set(data);
  const after = study.after_one_adamw_step;
  firstStep(model, state, pass.gradients, after);
  const stepped = await evaluate(runtime, model, state, size, batch);
  // Adam's first step goes by the sign of each gradient, and these weights amplify: a millionth added to the pictures
  // already moves the logits by two thousandths of their maximum.
  expectSummary("logits after a step", stepped.logits, after.eval_logits, 1e-2);
  expect(stepped.loss / after.eval_loss).toBeCloseTo(1, 2);
});
