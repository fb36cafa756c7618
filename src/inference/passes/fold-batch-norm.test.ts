import { expect, test } from "vitest";
import { relu } from "../../graph/ops/activation.ts";
import { conv2d } from "../../graph/ops/conv.ts";
import { add } from "../../graph/ops/elementwise.ts";
import { batchNorm } from "../../graph/ops/norm.ts";
import { topological } from "../../graph/order.ts";
import { constant, input, type Tensor } from "../../graph/tensor.ts";
import { compile } from "../../runtime/compile.ts";
import { openRuntime } from "../../runtime/ort.node.ts";
import { Random } from "../../util/random.ts";
import { foldBatchNorm } from "./fold-batch-norm.ts";

const random = new Random(1);
const values = (n: number, low = -1, high = 1): Float32Array =>
  Float32Array.from({ length: n }, () => random.between(low, high));
const weight = (k: number, c: number, size: number): Tensor =>
  constant(values(k * c * size * size), [k, c, size, size]);
const norm = (x: Tensor): Tensor => {
  const c = x.shape[1]!;
  const [w, bias, mean] = [values(c), values(c), values(c)].map((data) => constant(data, [c]));
  return batchNorm(x, { weight: w!, bias: bias!, mean: mean!, variance: constant(values(c, 0.5, 2), [c]) });
};
const x = input("x", [2, 3, 5, 7]);
const conv = conv2d(x, weight(4, 3, 3), null, { padding: 1 });
const biased = conv2d(x, weight(4, 3, 3), constant(values(4), [4]), { stride: 2 });

test.each([
  ["a norm behind a convolution is folded", norm(conv), 0],
  ["with a bias too", norm(biased), 0],
  ["and behind a grouped one", norm(conv2d(x, weight(6, 1, 3), null, { groups: 3 })), 0],
  ["a norm behind a ReLU stays", norm(relu(conv)), 1],
  ["unless a convolution without padding follows", conv2d(norm(relu(conv)), weight(2, 4, 3)), 0],
  ["a padded one does not do", conv2d(norm(relu(conv)), weight(2, 4, 3), null, { padding: 1 }), 1],
  ["a convolution that others read keeps its weights", add(norm(conv), conv), 1],
  ["of two norms in a row the first is folded, then the second", norm(norm(conv)), 0],
] as const)("%s", async (_, y, left) => {
  const folded = foldBatchNorm({ y });
  const count = topological([folded.y]).filter(({ source: s }) => s.kind === "call" && s.call.op.type === "BatchNorm");
  expect(count).toHaveLength(left);
  const runtime = await openRuntime({ backend: "cpu", threads: 1 });
  const program = await compile(runtime, { inputs: { x }, outputs: { plain: y, folded: folded.y } });
  const outputs = await program.run({ x: values(x.size) });
  await program.release();
  const [plain, same] = [outputs.plain as Float32Array, outputs.folded as Float32Array];
  expect(Math.max(...plain.map((value, i) => Math.abs(value - same[i]!)))).toBeLessThan(1e-5);
  expect(Math.max(...plain)).toBeGreaterThan(0.1);
});

test("a norm whose statistics are not constant stays", () => {
  const [a, b] = [input("a", [4]), constant(values(4, 0.5, 2), [4])];
  const y = batchNorm(conv, { weight: a, bias: a, mean: a, variance: b });
  expect(foldBatchNorm({ y }).y).toBe(y);
});
