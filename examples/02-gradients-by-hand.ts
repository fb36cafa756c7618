// The tensor graph without a Learner: build a graph, derive its gradient, look at it, run it.
//
//   npx tsx examples/02-gradients-by-hand.ts
import { compile, openRuntime } from "segkit";
import { add, gradients, input, matmul, mean, print, relu, square, sub } from "segkit/graph";

const x = input("x", [4, 2]);
const target = input("target", [4, 1]);
const weight = input("weight", [2, 1]);
const bias = input("bias", [1]);

const prediction = relu(add(matmul(x, weight), bias));
const loss = mean(square(sub(prediction, target)));
const [dWeight, dBias] = gradients(loss, [weight, bias]) as [typeof loss, typeof loss];
console.log(print({ loss, dWeight }));

const program = await compile(await openRuntime(), {
  inputs: { x, target, weight, bias },
  outputs: { loss, dWeight, dBias },
});
const values = { weight: Float32Array.of(0.5, 0.5), bias: Float32Array.of(0) };
const feeds = { x: Float32Array.of(0, 1, 1, 0, 1, 1, 2, 1), target: Float32Array.of(1, 2, 3, 5) };
let last = Infinity;
for (let step = 0; step < 200; step++) {
  const result = await program.run({ ...feeds, ...values });
  last = Number(result.loss![0]);
  for (const i of values.weight.keys()) values.weight[i]! -= 0.1 * Number(result.dWeight![i]);
  values.bias[0]! -= 0.1 * Number(result.dBias![0]);
}
await program.release();
console.log(`loss ${last.toFixed(4)}, weight ${[...values.weight].map((w) => w.toFixed(2)).join(", ")}`);
if (last > 0.05) throw new Error(`the fit is too loose: ${last}`);
