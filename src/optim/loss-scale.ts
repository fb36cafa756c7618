/** How a loss scale moves; the defaults are those of PyTorch's GradScaler. */
export interface LossScaleOptions {
  /** The first scale; default 65536. */
  readonly initial?: number;
  /** Finite steps after which it doubles; default 2000. */
  readonly growAfter?: number;
}

/** Where a loss scale stands. */
export interface LossScaleState {
  /** The factor of the next loss. */
  readonly value: number;
  /** Steps with finite gradients since the factor last changed. */
  readonly finite: number;
}

/**
 * The factor of the loss that keeps the gradients inside what float16 holds (Micikevicius et al. 2018, arXiv:1710.03740
 * §3.2): halved after a step whose gradients are not finite, doubled after many that are. Between 1 and 2²⁴.
 */
export class LossScale {
  readonly #initial: LossScaleState;
  readonly #growAfter: number;
  #value: number;
  #finite = 0;

  constructor({ initial = 65_536, growAfter = 2000 }: LossScaleOptions = {}) {
    this.#initial = { value: initial, finite: 0 };
    this.#value = initial;
    this.#growAfter = growAfter;
  }

  /** What a checkpoint keeps of it. */
  get state(): LossScaleState {
    return { value: this.#value, finite: this.#finite };
  }

  /** Goes on from a state; without one, begins anew. */
  restore({ value, finite }: LossScaleState = this.#initial): void {
    [this.#value, this.#finite] = [value, finite];
  }

  /** The factor of the next loss. */
  get value(): number {
    return this.#value;
  }

  /** Takes in whether the gradients of a step were finite. */
  update(finite: boolean): void {
    this.#finite = finite ? this.#finite + 1 : 0;
    if (!finite) this.#value = Math.max(this.#value / 2, 1);
    else if (this.#finite === this.#growAfter) {
      this.#value = Math.min(this.#value * 2, 2 ** 24);
      this.#finite = 0;
    }
  }
}
