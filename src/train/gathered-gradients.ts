import { addScaled, scale } from "../optim/gradients.ts";
import type { Accumulation, OptimizerState } from "./engine.ts";

/** The gradient of a parameter, or the next value of a buffer, by its name. */
export type NamedValues = readonly [name: string, values: Float32Array];

/** Gradients of several batches on their way to one step: Σ weight·gradient and Σ weight. */
export class GatheredGradients {
  readonly #sums = new Map<string, Float32Array>();
  #weight = 0;

  /** Takes in the gradients of a batch, which may be changed; gives their weighted mean when the step is complete. */
  add(gradients: readonly NamedValues[], { weight, first, last }: Accumulation): readonly NamedValues[] | undefined {
    if (first) this.clear();
    this.#weight += weight;
    for (const [name, gradient] of gradients) {
      const sum = this.#sums.get(name);
      if (sum) addScaled(sum, gradient, weight);
      else {
        scale(gradient, weight);
        this.#sums.set(name, gradient);
      }
    }
    if (!last) return undefined;
    const all = [...this.#sums];
    for (const [, sum] of all) scale(sum, 1 / (this.#weight || 1));
    this.clear();
    return all;
  }

  clear(): void {
    this.#sums.clear();
    this.#weight = 0;
  }

  /** A copy of what is gathered; undefined where that is nothing. */
  get state(): OptimizerState["gathered"] {
    if (this.#sums.size === 0) return undefined;
    const gradients = Object.fromEntries([...this.#sums].map(([name, sum]) => [name, sum.slice()]));
    return { weight: this.#weight, gradients };
  }

  set state(state: OptimizerState["gathered"]) {
    this.clear();
    this.#weight = state?.weight ?? 0;
    for (const [name, sum] of Object.entries(state?.gradients ?? {})) this.#sums.set(name, sum.slice());
  }
}
