// Times TensorFlow.js: a training step or a prediction for every line "step" (README.md has the protocol).
// Running statistics of batch norms are not updated in training, which saves it a little work.
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import { serve } from "../protocol.ts";
import { adamw, isStatistic, options, readProblem } from "./problem.mjs";
import { unet } from "./unet.mjs";

const { problem, mode, backend, kernelGradient, n, height, width, encoder, classes, threads } = options();
setThreadsCount(threads);
await tf.setBackend(backend);
const { weights, images, masks } = readProblem(problem);

// Layout: NHWC, and kernels HWIO.
const variables = new Map(
  [...weights].map(([name, { shape, data }]) => {
    const value = tf.tensor(data, shape);
    return [name, tf.variable(shape.length === 4 ? value.transpose([2, 3, 1, 0]) : value, !isStatistic(name))];
  }),
);
const batch = tf.tensor(images, [n, 3, height, width]).transpose([0, 2, 3, 1]);
const labels = tf.oneHot(tf.tensor(masks, [n, height, width], "int32"), classes).toFloat();

const parameter = (name) => variables.get(name);
const pad = (x, size, value = 0) => (size === 0 ? x : x.pad([[0, 0], [size, size], [size, size], [0, 0]], value)); // prettier-ignore

/** Taps of a kernel: where each begins in the padded picture, and the pixels it meets. */
const taps = (x, [kh, kw], stride, [, h, w]) =>
  Array.from({ length: kh * kw }, (_, tap) => {
    const [i, j] = [Math.floor(tap / kw), tap % kw];
    return tf.stridedSlice(x, [0, i, j, 0], [n, i + (h - 1) * stride + 1, j + (w - 1) * stride + 1, x.shape[3]], [1, stride, stride, 1]); // prettier-ignore
  });

/** TensorFlow.js' convolution with the gradient of the kernel by matrix products, one for each tap. */
const convolution = (stride) =>
  tf.customGrad((x, weight, save) => {
    const y = tf.conv2d(x, weight, stride, "valid");
    save([x, weight]);
    const gradFunc = (dy, [x, weight]) => {
      const rows = dy.reshape([-1, dy.shape[3]]);
      const products = () =>
        taps(x, weight.shape, stride, dy.shape).map((pixels) =>
          tf.matMul(pixels.reshape([-1, x.shape[3]]).transpose(), rows),
        );
      return [tf.conv2dTranspose(dy, weight, x.shape, stride, "valid"), tf.stack(products()).reshape(weight.shape)];
    };
    return { value: y, gradFunc };
  });
const own = { 1: convolution(1), 2: convolution(2) };
const conv2d = (x, weight, stride) =>
  kernelGradient === "own" ? own[stride](x, weight) : tf.conv2d(x, weight, stride, "valid");

const ops = {
  again: (x) => x,
  relu: (x) => x.relu(),
  add: (a, b) => a.add(b),
  concat: (a, b) => tf.concat([a, b], 3),
  maxPool: (x) => tf.maxPool(pad(x, 1), 3, 2, "valid"), // what comes before is a ReLU
  conv(x, weight, bias, stride) {
    const y = conv2d(pad(x, weight.shape[0] >> 1), weight, stride);
    return bias ? y.add(bias) : y;
  },
  batchNorm(x, name) {
    const scale = [parameter(`${name}.bias`), parameter(`${name}.weight`), 1e-5];
    if (mode !== "train")
      return tf.batchNorm(x, parameter(`${name}.running_mean`), parameter(`${name}.running_var`), ...scale);
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.batchNorm(x, mean, variance, ...scale);
  },
  pixelShuffle(x) {
    const [, h, w, c] = x.shape;
    return x
      .reshape([n, h, w, c / 4, 2, 2])
      .transpose([0, 1, 4, 2, 5, 3])
      .reshape([n, 2 * h, 2 * w, c / 4]);
  },
  resizeTo(x, like) {
    const [, h, w] = like.shape;
    return x.shape[1] === h && x.shape[2] === w ? x : tf.image.resizeNearestNeighbor(x, [h, w]);
  },
};
const logits = () => unet(ops, parameter, encoder, batch);

const moments = new Map();
let steps = 0;

function update(gradients) {
  const { lr, beta1, beta2, eps, decay } = adamw;
  steps++;
  for (const [name, gradient] of Object.entries(gradients)) {
    const variable = byVariable.get(name);
    if (!moments.has(name))
      moments.set(name, [tf.variable(tf.zerosLike(variable), false), tf.variable(tf.zerosLike(variable), false)]);
    const [m, v] = moments.get(name);
    tf.tidy(() => {
      m.assign(m.mul(beta1).add(gradient.mul(1 - beta1)));
      v.assign(v.mul(beta2).add(gradient.square().mul(1 - beta2)));
      const size = v.div(1 - beta2 ** steps).sqrt().add(eps); // prettier-ignore
      const step = m.mul(lr / (1 - beta1 ** steps)).div(size);
      variable.assign(variable.mul(1 - lr * decay).sub(step));
    });
    gradient.dispose();
  }
}
const byVariable = new Map([...variables.values()].map((variable) => [variable.name, variable]));

async function train() {
  const { value, grads } = tf.variableGrads(() => tf.losses.softmaxCrossEntropy(labels, logits()));
  update(grads);
  const [loss] = await value.data();
  // Nothing is computed late, but a read-back is what shows that it is done.
  await variables.get("layers.11.0.bias").data();
  value.dispose();
  return { loss };
}

async function infer() {
  const classes = tf.tidy(() => logits().argMax(3));
  await classes.data();
  classes.dispose();
  return {};
}

const run = mode === "train" ? train : infer;
async function turn() {
  const start = performance.now();
  const result = await run();
  return { seconds: (performance.now() - start) / 1000, ...result };
}

const first = await turn();
await serve({ tfjs: tf.version.tfjs, backend: tf.getBackend(), threads, firstLoss: first.loss }, turn);
process.exit();
