import { add, div, mul, sqrt, sub } from "../graph/ops/elementwise.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { AdamwOptions } from "./adamw.ts";
import type { OptimizerOptions } from "./memory.ts";
import type { StepHyper, TensorHyper } from "./optimizer.ts";

type Tensors = Readonly<Record<string, Tensor>>;

/** An update rule as a graph: for weights that stay on a device. */
export interface GraphOptimizer {
  /** The state beside the weights, as the Optimizer of the same name has it. */
  readonly slots: readonly string[];
  /** The numbers of one step, by the names under which `update` takes them. */
  numbers(hyper: StepHyper & TensorHyper): Readonly<Record<string, number>>;
  /** The next parameters and the next state. All tensors but the numbers have one shape; those are float32 []. */
  update(params: Tensor, grads: Tensor, state: Tensors, numbers: Tensors): { params: Tensor; state: Tensors };
}

/** The rule of an optimizer's name as a graph. */
export function graphOptimizer(options: OptimizerOptions = {}): GraphOptimizer {
  return options.name === "sgd" ? sgdGraph : adamwGraph(options);
}

/** AdamW: `adamwStep` in float32. */
export function adamwGraph({ betas = [0.9, 0.99], eps = 1e-8 }: AdamwOptions = {}): GraphOptimizer {
  const beta2 = betas[1];
  return {
    slots: ["m", "v"],
    numbers: ({ lr, wd, mom, step }) => {
      const scale = Math.sqrt(1 - beta2 ** step);
      return {
        keep: mom,
        take: 1 - mom,
        rate: (lr * scale) / (1 - mom ** step),
        epsilon: eps * scale,
        decay: 1 - wd * lr,
      };
    },
    update: (params, grads, { m, v }, { keep, take, rate, epsilon, decay }) => {
      const mean = add(mul(m!, keep!), mul(grads, take!));
      const square = add(mul(v!, beta2), mul(mul(grads, grads), 1 - beta2));
      const change = div(mul(mean, rate!), add(sqrt(square), epsilon!));
      return { params: sub(mul(params, decay!), change), state: { m: mean, v: square } };
    },
  };
}

/** Gradient descent with momentum: `sgd` in float32. */
const sgdGraph: GraphOptimizer = {
  slots: ["m"],
  numbers: ({ lr, wd, mom }) => ({ keep: mom, rate: lr, decay: 1 - wd * lr }),
  update: (params, grads, { m }, { keep, rate, decay }) => {
    const moved = add(mul(m!, keep!), grads);
    return { params: sub(mul(params, decay!), mul(moved, rate!)), state: { m: moved } };
  },
};
