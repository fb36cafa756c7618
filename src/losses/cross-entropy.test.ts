import { describe, expect, test } from "vitest";
import golden from "../../test/golden/loss_metrics.json" with { type: "json" };
import { expectClose } from "../../test/support/close.ts";
import { runGraph } from "../../test/support/run-graph.ts";
import { gradients } from "../graph/grad.ts";
import { input } from "../graph/tensor.ts";
import { crossEntropy, type CrossEntropyOptions } from "./cross-entropy.ts";
import { lossNamed } from "./index.ts";

const [n, classes, h, w] = golden.shapes.logits as [number, number, number, number];
const logits = Float32Array.from([golden.logits].flat(Infinity) as number[]);
const target = Int32Array.from([golden.target].flat(Infinity) as number[]);
const expected = golden.cross_entropy_flat_axis1;

async function lossOf(
  ids: Int32Array,
  options?: CrossEntropyOptions,
): Promise<{ loss: number; gradient: Float32Array }> {
  const x = input("logits", [n, classes, h, w]);
  const y = input("target", [n, h, w], "int32");
  const loss = crossEntropy(options)(x, y);
  const results = await runGraph(
    { loss, gradient: gradients(loss, [x])[0]! },
    new Map<typeof x, Float32Array | Int32Array>([
      [x, logits],
      [y, ids],
    ]),
  );
  return { loss: Number(results.loss![0]), gradient: results.gradient as Float32Array };
}

/** Σ w·(softmax − one-hot) / Σ w, pixel by pixel. */
function gradientOf(ids: Int32Array, weightOf: (id: number) => number): Float32Array {
  const total = ids.reduce((sum, id) => sum + weightOf(id), 0);
  return logits.map((_, i) => {
    const [image, c, pixel] = [Math.floor(i / (classes * h * w)), Math.floor(i / (h * w)) % classes, i % (h * w)];
    const at = (k: number): number => Math.exp(logits[(image * classes + k) * h * w + pixel]!);
    const id = ids[image * h * w + pixel]!;
    const softmax = at(c) / (at(0) + at(1) + at(2) + at(3));
    return (weightOf(id) * (softmax - Number(c === id))) / total;
  });
}

describe("PyTorch's values", () => {
  test("mean and gradient", async () => {
    const { loss, gradient } = await lossOf(target);
    expect(loss).toBeCloseTo(expected.mean, 6);
    expectClose("gradient", gradient, [expected.grad_logits].flat(Infinity) as number[], 1e-6);
  });

  test("class weights", async () => {
    const weight = expected.class_weight;
    const { loss, gradient } = await lossOf(target, { weight });
    expect(loss).toBeCloseTo(expected.weighted_mean, 6);
    expectClose(
      "gradient",
      gradient,
      gradientOf(target, (id) => weight[id]!),
      1e-6,
    );
  });

  test("ignored class", async () => {
    const { loss, gradient } = await lossOf(target, { ignoreIndex: 3 });
    expect(loss).toBeCloseTo(expected.ignore_index_3_mean, 6);
    expectClose(
      "gradient",
      gradient,
      gradientOf(target, (id) => Number(id !== 3)),
      1e-6,
    );
  });
});

test("ids outside the classes do not count", async () => {
  const marked = target.map((id) => (id === 3 ? 255 : id));
  expect((await lossOf(marked)).loss).toBeCloseTo(expected.ignore_index_3_mean, 6);
  expect((await lossOf(marked, { weight: [2, 2, 2, 9] })).loss).toBeCloseTo(expected.ignore_index_3_mean, 6);
});

test("where no pixel counts, loss and gradient are 0", async () => {
  const { loss, gradient } = await lossOf(new Int32Array(target.length).fill(-100), { weight: [1, 1, 1, 1] });
  expect(loss).toBe(0);
  expect([...gradient].every((g) => g === 0)).toBe(true);
});

test("large logits do not overflow", async () => {
  const x = input("logits", [1, 2, 1, 1]);
  const y = input("target", [1, 1, 1], "int32");
  const feeds = new Map<typeof x, Float32Array | Int32Array>([
    [x, Float32Array.of(1000, -1000)],
    [y, Int32Array.of(1)],
  ]);
  expect(Number((await runGraph({ loss: crossEntropy()(x, y) }, feeds)).loss![0])).toBe(2000);
});

test("wrong options and operands", () => {
  const x = input("logits", [2, 4, 8, 8]);
  const y = input("target", [2, 8, 8], "int32");
  expect(() => crossEntropy({ weight: [1, -1] })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: crossEntropy: expected class weights of at least 0, but received 1, -1]`,
  );
  expect(() => crossEntropy({ weight: [1, 2] })(x, y)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: crossEntropy: expected 4 class weights, but received 2]`,
  );
  expect(() => crossEntropy()(x, input("target", [2, 4, 4], "int32"))).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: crossEntropy: expected class ids [2, 8, 8] for logits [2, 4, 8, 8], but received [2, 4, 4]]`,
  );
  expect(() => crossEntropy()(x, input("target", [2, 8, 8]))).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: crossEntropy: expected int32, but received float32[2, 8, 8]]`,
  );
  expect(() => lossNamed("dise")).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: loss: expected a known name, but received "dise"]`,
  );
});
