import { leakyRelu, logSoftmax, ReluGrad, relu, sigmoid, softmax, tanh } from "../../../src/graph/ops/activation.ts";
import { add, mul } from "../../../src/graph/ops/elementwise.ts";
import { spans, uniform } from "../../support/leaf.ts";
import { type Cases, opCase } from "../case.ts";

const bent = spans([2, 3, 5, 7], [-2, -0.1], [0.1, 2]);

export const activationCases = {
  Relu: [
    opCase("Relu", { x: bent }, ({ x }) => relu(x)),
    opCase("Relu, no axes", { x: spans([], [0.1, 2]) }, ({ x }) => relu(x)),
    opCase("Relu, of a square, twice", { x: spans([9], [-2, -0.1], [0.1, 2]) }, ({ x }) => relu(mul(x, mul(x, x))), {
      twice: true,
    }),
  ],
  ReluGrad: [
    opCase("ReluGrad", { dy: uniform([3, 5]), y: spans([3, 5], [-1, -0.1], [0.1, 1]) }, ({ dy, y }) =>
      ReluGrad([dy, y]),
    ),
    opCase(
      "ReluGrad, y is exactly 0 or tiny",
      { dy: uniform([3, 5]), y: spans([3, 5], [0, 0], [1e-30, 1e-29]) },
      ({ dy, y }) => ReluGrad([dy, y]),
      { noDifferences: "y is at the kink" },
    ),
  ],
  LeakyRelu: [
    opCase("LeakyRelu", { x: bent }, ({ x }) => leakyRelu(x)),
    opCase("LeakyRelu, slope 0.2", { x: bent }, ({ x }) => leakyRelu(x, 0.2)),
  ],
  Sigmoid: [
    opCase("Sigmoid", { x: uniform([3, 7], -4, 4) }, ({ x }) => sigmoid(x), { twice: true }),
    opCase("Sigmoid, far out", { x: spans([8], [-90, -80], [80, 90]) }, ({ x }) => sigmoid(x)),
  ],
  Tanh: [opCase("Tanh", { x: uniform([3, 7], -3, 3) }, ({ x }) => tanh(x), { twice: true })],
  Softmax: [
    opCase("Softmax, channels", { x: uniform([2, 5, 3, 1], -2, 2) }, ({ x }) => softmax(x, 1), { twice: true }),
    opCase("Softmax, last axis", { x: uniform([3, 7], -2, 2) }, ({ x }) => softmax(x, -1)),
    opCase("Softmax, one axis", { x: uniform([5], -2, 2) }, ({ x }) => softmax(x, 0), { twice: true }),
    opCase("Softmax, one class", { x: uniform([4, 1]) }, ({ x }) => softmax(x, 1)),
    opCase("Softmax, large logits", { x: spans([3, 5], [-1000, -998], [998, 1000]) }, ({ x }) => softmax(x, 1)),
  ],
  LogSoftmax: [
    opCase("LogSoftmax, channels", { x: uniform([2, 5, 3, 1], -2, 2) }, ({ x }) => logSoftmax(x, 1), { twice: true }),
    opCase("LogSoftmax, first axis", { x: uniform([3, 7], -2, 2) }, ({ x }) => logSoftmax(x, 0)),
    opCase("LogSoftmax, one class", { x: uniform([4, 1]) }, ({ x }) => add(x, logSoftmax(x, 1))),
    opCase("LogSoftmax, large logits", { x: spans([3, 5], [-1000, -998], [998, 1000]) }, ({ x }) => logSoftmax(x, 1), {
      noDifferences: "differences of thousands drown in float32",
    }),
  ],
} satisfies Partial<Cases>;
