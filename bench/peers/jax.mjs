// Times jax-js on WebAssembly: a training step or a prediction for every line "step" (README.md has the protocol).
// Running statistics of batch norms are not updated in training, which saves it a little work.
import { readFileSync } from "node:fs";
import { serve } from "../protocol.ts";
import { adamw, isStatistic, options, readProblem } from "./problem.mjs";
import { unet } from "./unet.mjs";
import { Worker } from "./web-worker.mjs";

const { problem, mode, n, height, width, encoder, classes, threads } = options();
// What a browser has, and jax-js looks for as it starts.
globalThis.Worker ??= Worker;
Object.defineProperty(globalThis, "navigator", { value: { hardwareConcurrency: threads }, configurable: true });
const jax = await import("@jax-js/jax");
const { numpy: np, lax, nn, tree } = jax;
await jax.init("wasm");
jax.defaultDevice("wasm");

const { weights, images, masks } = readProblem(problem);
const arrays = (wanted) =>
  Object.fromEntries(
    [...weights]
      .filter(([name]) => wanted(name))
      .map(([name, { shape, data }]) => [name, np.array(data).reshape(shape)]),
  );
let parameters = arrays((name) => !isStatistic(name));
const statistics = arrays(isStatistic);
const batch = np.array(images).reshape([n, 3, height, width]);
const labels = np.array(masks).reshape([n, height, width]);

// An array is used up by what it is passed to; `.ref` keeps it. Layout: NCHW.
const vector = (x) => x.reshape([1, -1, 1, 1]);
const ops = (parameter, statistic) => ({
  again: (x) => x.ref,
  relu: (x) => nn.relu(x),
  add: (a, b) => a.add(b),
  concat: (a, b) => np.concatenate([a, b], 1),
  conv(x, weight, bias, stride) {
    const half = weight.shape[2] >> 1;
    const y = lax.convGeneralDilated(x, weight, [stride, stride], [[half, half], [half, half]]); // prettier-ignore
    return bias ? y.add(vector(bias)) : y;
  },
  batchNorm(x, name) {
    const [scale, shift] = [vector(parameter(`${name}.weight`)), vector(parameter(`${name}.bias`))];
    const over = { axis: [0, 2, 3], keepdims: true };
    const mean = statistic ? vector(statistic(`${name}.running_mean`)) : np.mean(x.ref, over.axis, over);
    const centred = x.sub(mean);
    const variance = statistic
      ? vector(statistic(`${name}.running_var`))
      : np.mean(np.square(centred.ref), over.axis, over);
    return centred.mul(scale.div(np.sqrt(variance.add(1e-5)))).add(shift);
  },
  maxPool(x) {
    const padded = np.pad(x, [[0, 0], [0, 0], [1, 1], [1, 1]]); // prettier-ignore
    return lax.reduceWindow(padded, np.max, [1, 1, 3, 3], [1, 1, 2, 2]); // what comes before is a ReLU
  },
  pixelShuffle(x) {
    const [, c, h, w] = x.shape;
    return x
      .reshape([n, c / 4, 2, 2, h, w])
      .transpose([0, 1, 4, 2, 5, 3])
      .reshape([n, c / 4, 2 * h, 2 * w]);
  },
  resizeTo(x, like) {
    const nearest = (x, axis) => {
      const [from, to] = [x.shape[axis], like.shape[axis]];
      if (from === to) return x;
      const indices = Int32Array.from({ length: to }, (_, i) => Math.floor((i * from) / to));
      return np.take(x, np.array(indices), axis);
    };
    return nearest(nearest(x, 2), 3);
  },
});

function loss(parameters, batch, labels) {
  const logits = unet(ops((name) => parameters[name].ref), (name) => parameters[name].ref, encoder, batch); // prettier-ignore
  const likelihood = nn.logSoftmax(logits.transpose([0, 2, 3, 1]), -1);
  return likelihood
    .mul(nn.oneHot(labels, classes))
    .sum()
    .mul(-1 / (n * height * width));
}
const gradient = jax.jit(jax.valueAndGrad(loss));

const updated = jax.jit((x, m, v, gradient, rate, size) => {
  const { lr, beta1, beta2, eps, decay } = adamw;
  const m1 = m.mul(beta1).add(gradient.ref.mul(1 - beta1));
  const v1 = v.mul(beta2).add(np.square(gradient).mul(1 - beta2));
  const step = m1.ref.mul(rate).div(np.sqrt(v1.ref.mul(size)).add(eps));
  return [x.mul(1 - lr * decay).sub(step), m1, v1];
});
let [m, v] = [0, 1].map(() => (mode === "train" ? tree.map((x) => np.zeros(x.shape), parameters) : {}));
let steps = 0;

async function train() {
  const [value, gradients] = gradient(tree.ref(parameters), batch.ref, labels.ref);
  steps++;
  const { lr, beta1, beta2 } = adamw;
  for (const name of Object.keys(parameters)) {
    const [rate, size] = [lr / (1 - beta1 ** steps), 1 / (1 - beta2 ** steps)];
    [parameters[name], m[name], v[name]] = updated(parameters[name], m[name], v[name], gradients[name], rate, size);
  }
  await jax.blockUntilReady([parameters, m, v]);
  return { loss: await value.jsAsync() };
}

const predict = jax.jit((parameters, statistics, batch) => {
  const own = ops((name) => parameters[name].ref, (name) => statistics[name].ref); // prettier-ignore
  return np.argmax(
    unet(own, (name) => parameters[name].ref, encoder, batch),
    1,
  );
});

async function infer() {
  const classes = predict(tree.ref(parameters), tree.ref(statistics), batch.ref);
  await classes.data();
  return {};
}

const run = mode === "train" ? train : infer;
async function turn() {
  const start = performance.now();
  const result = await run();
  return { seconds: (performance.now() - start) / 1000, ...result };
}

const first = await turn();
const { version } = JSON.parse(readFileSync(new URL("node_modules/@jax-js/jax/package.json", import.meta.url), "utf8"));
await serve({ jax: version, threads, firstLoss: first.loss }, turn);
process.exit();
