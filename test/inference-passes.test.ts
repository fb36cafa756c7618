import { describe, expect, test } from "vitest";
import { argMax } from "../src/graph/ops/reduce.ts";
import { topological } from "../src/graph/order.ts";
import { bindInputs } from "../src/graph/rewrite.ts";
import { input, type Tensor } from "../src/graph/tensor.ts";
import { type InferenceOptimizations, optimized } from "../src/inference/optimize.ts";
import { channelsLast } from "../src/inference/passes/channels-last.ts";
import { foldBatchNorm } from "../src/inference/passes/fold-batch-norm.ts";
import type { Encoder } from "../src/models/encoder.ts";
import { encoders } from "../src/models/encoders/index.ts";
import { ResNet } from "../src/models/encoders/resnet.ts";
import { unet, type UnetOptions } from "../src/models/unet/unet.ts";
import { evaluation, type Module, stateTensors } from "../src/nn/module.ts";
import { initialState, type StateDict } from "../src/nn/state.ts";
import { lower, type ProgramGraph } from "../src/onnx/lower.ts";
import { type Backend, openRuntime } from "../src/runtime/ort.node.ts";
import { Random } from "../src/util/random.ts";
import { TinyEncoder } from "./support/tiny-encoder.ts";

/** Weights as after a training: running statistics that are not those of the start. */
function trained(module: Module): StateDict {
  const random = new Random(3);
  const state = initialState(module, new Random(1));
  for (const [name, { data }] of state)
    if (name.endsWith("running_var")) data.forEach((_, i) => (data[i] = random.between(0.5, 2)));
    else if (name.endsWith("running_mean")) data.forEach((_, i) => (data[i] = random.between(-0.3, 0.3)));
  return state;
}

const typesOf = (outputs: Record<string, Tensor>): string[] =>
  topological(Object.values(outputs)).flatMap(({ source }) => (source.kind === "call" ? [source.call.op.type] : []));

async function run(graph: ProgramGraph, state: StateDict, images: Float32Array, backend: Backend = "cpu") {
  const runtime = await openRuntime({ backend, threads: 1 });
  const lowered = lower(graph, runtime.target);
  const program = await runtime.load(lowered);
  const weights = [...state].filter(([name]) => name in lowered.inputs).map(([name, { data }]) => [name, data]);
  const outputs = await program.run({ ...Object.fromEntries(weights), images });
  await program.release();
  return outputs;
}

/** The largest difference of two results, as a share of the largest value. */
function difference(a: Float32Array, b: Float32Array): number {
  const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(a).toHaveLength(b.length);
  expect(largest(a)).toBeGreaterThan(1e-3);
  return largest(a.map((value, i) => value - b[i]!)) / largest(a);
}

/** Both kinds of rounding: of sums in another order, and of Winograd's transforms. */
const rounding = 3e-5;

/** The plain graph beside the one where every convolution that could, however small, is done the other way. */
async function bothWays(module: Module, shape: readonly number[], outputsOf: (x: Tensor) => Record<string, Tensor>) {
  const x = input("images", shape);
  const state = trained(module);
  const outputs = outputsOf(x);
  const values = Object.entries(stateTensors(module)).map(([name, tensor]) => [tensor, state.get(name)!.data] as const);
  const fast = channelsLast(foldBatchNorm(bindInputs(outputs, new Map(values))), 1);
  const random = new Random(5);
  const images = Float32Array.from({ length: x.size }, () => random.normal());
  const plain = await run({ inputs: { images: x, ...stateTensors(module) }, outputs }, state, images);
  const same = await run({ inputs: { images: x }, outputs: fast, weightLayout: "blocked" }, state, images);
  return { plain, same, types: typesOf(fast) };
}

describe.each<[string, () => Encoder]>([
  ["resnet18", encoders.resnet18],
  ["a ResNet of bottlenecks", () => new ResNet([1, 1, 1, 1], { block: "bottleneck" })],
  ["mobilenetV3Large", encoders.mobilenetV3Large],
  ["efficientnetLite0", encoders.efficientnetLite0],
])("%s", (_, make) => {
  test.each([
    [1, 33, 47],
    [2, 64, 36],
  ])("gives the same features of %i pictures of %i×%i", async (n, height, width) => {
    const encoder = make();
    const { plain, same, types } = await bothWays(encoder, [n, 3, height, width], (x) =>
      Object.fromEntries(encoder.features(x, evaluation).map((feature, i) => [`feature${i}`, feature])),
    );
    for (const [name, values] of Object.entries(plain))
      expect(difference(values as Float32Array, same[name] as Float32Array), name).toBeLessThan(rounding);
    expect(types.filter((type) => type === "BatchNorm")).toEqual([]);
  });
});

describe("a U-Net", () => {
  const options: Omit<UnetOptions, "encoder"> = { classes: 5 };
  test.each<[string, readonly [number, number, number], Partial<UnetOptions>]>([
    ["as it is", [1, 45, 61], {}],
    ["of a batch", [2, 32, 32], { bottle: true }],
    ["with blur, self-attention and a norm", [1, 40, 33], { blur: true, selfAttention: true, normType: "batch" }],
    [
      "with weight norm and a range, without the picture at its end",
      [1, 33, 40],
      { normType: "weight", yRange: [0, 2], lastCross: false },
    ],
  ])("%s gives the same logits and classes", async (_, [n, h, w], more) => {
    const model = unet({ ...options, encoder: "resnet18", ...more });
    const { plain, same, types } = await bothWays(model, [n, 3, h, w], (x) => {
      const logits = model.forward(x, evaluation);
      return { logits, classes: argMax(logits, 1) };
    });
    expect(difference(plain.logits as Float32Array, same.logits as Float32Array)).toBeLessThan(rounding);
    const changed = (plain.classes as Int32Array).filter((id, i) => id !== same.classes![i]).length;
    expect(changed / plain.classes!.length).toBeLessThan(2e-3);
    if (more.normType === undefined) expect(types).not.toContain("PixelShuffle");
  });

  test.each<[string, InferenceOptimizations]>([
    ["nothing", { constantWeights: false }],
    ["constant weights", { foldBatchNorm: false, channelsLast: false, blockedLayout: false }],
    ["all but the folding", { foldBatchNorm: false }],
    ["all but channels last", { channelsLast: false }],
    ["all but the blocked layout", { blockedLayout: false }],
    ["everything", {}],
  ])("with %s gives the same", async (_, chosen) => {
    const model = unet({ ...options, encoder: new TinyEncoder([32, 40, 48]) });
    const state = trained(model);
    const x = input("images", [1, 3, 61, 83]);
    const graph = { inputs: { images: x }, outputs: { logits: model.forward(x, evaluation) } };
    const random = new Random(5);
    const images = Float32Array.from({ length: x.size }, () => random.normal());
    const { outputs } = optimized(graph, model, state, chosen);
    const types = typesOf(outputs);
    const norms = (among: readonly string[]): number => among.filter((type) => type === "BatchNorm").length;
    // Some have no convolution beside them and stay.
    const folds = chosen.constantWeights !== false && chosen.foldBatchNorm !== false;
    expect(norms(types) < norms(typesOf(graph.outputs))).toBe(folds);
    expect(types.includes("Gather")).toBe(chosen.constantWeights !== false && chosen.channelsLast !== false);
    const [plain, same] = await Promise.all(
      [{ constantWeights: false }, chosen].map((each) => run(optimized(graph, model, state, each), state, images)),
    );
    expect(difference(plain!.logits as Float32Array, same!.logits as Float32Array)).toBeLessThan(rounding);
  });

  test("gives the same on WebAssembly", async () => {
    const model = unet({ ...options, encoder: "resnet18" });
    const state = trained(model);
    const x = input("images", [1, 3, 48, 64]);
    const graph = { inputs: { images: x }, outputs: { logits: model.forward(x, evaluation) } };
    const images = new Float32Array(x.size).map((_, i) => Math.sin(i));
    const native = await run(optimized(graph, model, state), state, images);
    const wasm = await run(optimized(graph, model, state), state, images, "wasm");
    expect(difference(native.logits as Float32Array, wasm.logits as Float32Array)).toBeLessThan(rounding);
  });
});
