import { keepFinite } from "./gradients.ts";
import { type Optimizer, requireLength } from "./optimizer.ts";

/** Stochastic gradient descent with momentum, as in PyTorch: m ← mom·m + g; p ← p·(1 − wd·lr) − lr·m. */
export function sgd(): Optimizer<"m"> {
  return {
    name: "sgd",
    slots: ["m"],
    mom: 0.9,
    update(params, grads, { m }, { lr, wd, mom }) {
      requireLength("sgd", params, { grads, m });
      const finite = keepFinite(grads);
      const decay = 1 - wd * lr;
      for (let i = 0; i < params.length; i++) {
        const moved = mom * m[i]! + grads[i]!;
        m[i] = moved;
        params[i] = decay * params[i]! - lr * moved;
      }
      return finite;
    },
  };
}
