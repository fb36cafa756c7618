import { Random } from "../../util/random.ts";
import { requireOption } from "./require-option.ts";
import type { Callback, FitState, TrainingStep } from "../callback.ts";
import { beta } from "./beta.ts";

export interface MixupOptions {
  /** Both shapes of the Beta distribution that the share is drawn from; default 0.4. */
  readonly alpha?: number;
  /** Decides the draws, with the epoch and the batch; default 0. */
  readonly seed?: number;
}

/**
 * Trains on blends of two pictures, λ·x + (1 − λ)·x′, against both their masks: λ·L(y) + (1 − λ)·L(y′), with λ ≥ ½
 * drawn for each batch (Zhang et al. 2018, arXiv:1710.09412). The other picture is one of the same batch.
 * @example await learner.fitOneCycle(4, slice(1e-3), { callbacks: [new Mixup({ alpha: 0.4 })] });
 */
export class Mixup implements Callback {
  /** Before what goes by the batch, such as gradient accumulation. */
  readonly order = -6;
  readonly #alpha: number;
  readonly #seed: number;

  /** Throws a ConfigError for an alpha that is not above 0. */
  constructor({ alpha = 0.4, seed = 0 }: MixupOptions = {}) {
    requireOption("Mixup", "alpha", alpha, "a number above 0", alpha > 0);
    this.#alpha = alpha;
    this.#seed = seed;
  }

  batchStart({ pass, batch: index }: FitState, step: TrainingStep): void {
    const { images, masks, n, ...rest } = step.batch;
    const random = new Random(this.#seed).split("mixup", pass, index);
    const drawn = beta(random, this.#alpha, this.#alpha);
    const share = Math.max(drawn, 1 - drawn);
    const order = random.permutation(n);
    const blended = new Float32Array(images.length);
    const others = new Int32Array(masks.length);
    const [picture, mask] = [images.length / n, masks.length / n];
    for (const [i, other] of order.entries()) {
      for (let k = 0; k < picture; k++)
        blended[i * picture + k] = share * images[i * picture + k]! + (1 - share) * images[other * picture + k]!;
      others.set(masks.subarray(other * mask, (other + 1) * mask), i * mask);
    }
    step.batch = { ...rest, n, images: blended, masks };
    step.mixed = { masks: others, share };
  }
}
