import { ConfigError, ShapeError } from "../util/errors.ts";

/** The pixels that were predicted with about the same confidence. */
export interface CalibrationBin {
  /** The confidences it holds: from this, included … */
  readonly from: number;
  /** … to this, included in the last bin only. */
  readonly to: number;
  /** How many there are. */
  readonly pixels: number;
  /** Mean confidence of its pixels; NaN of none. */
  readonly confidence: number;
  /** Share of its pixels that were predicted right; NaN of none. */
  readonly accuracy: number;
}

/** Which pixels count, and how finely confidences are told apart. */
export interface CalibrationOptions {
  readonly classes: number;
  /** The class that stands for "not labelled", whose pixels do not count. */
  readonly voidIndex: number | null;
  /** How many bins of equal width; default 15. */
  readonly bins?: number;
}

/**
 * How far a model's confidence can be believed: of the pixels that it is 80 % sure of, 80 % should be right
 * (reliability diagram and expected calibration error; Guo et al. 2017, "On calibration of modern neural networks").
 */
export class Calibration {
  readonly #options: CalibrationOptions;
  readonly #pixels: Float64Array;
  readonly #right: Float64Array;
  readonly #confidence: Float64Array;

  /** Begins with no pixels. Throws a ConfigError unless there is at least one bin. */
  constructor(options: CalibrationOptions) {
    const { bins = 15 } = options;
    if (!Number.isInteger(bins) || bins < 1)
      throw new ConfigError(`calibration: bins: expected a whole number of at least 1, but received ${bins}`);
    this.#options = options;
    this.#pixels = new Float64Array(bins);
    this.#right = new Float64Array(bins);
    this.#confidence = new Float64Array(bins);
  }

  /**
   * Takes in pixels: the probability of the predicted class in [0, 1], the predicted class and the true one. Pixels
   * whose truth is void or no class do not count. Throws a ShapeError for different numbers of them.
   */
  add(confidences: Float32Array, predictions: Uint8Array, truth: Uint8Array | Int32Array): void {
    const { classes, voidIndex } = this.#options;
    if (predictions.length !== confidences.length || truth.length !== confidences.length)
      throw new ShapeError(
        `calibration: expected as many predictions and true ids as the ${confidences.length} confidences, but received ${predictions.length} and ${truth.length}`,
      );
    const bins = this.#pixels.length;
    for (const [i, confidence] of confidences.entries()) {
      const id = truth[i]!;
      if (id < 0 || id >= classes || id === voidIndex || Number.isNaN(confidence)) continue;
      const bin = Math.min(Math.floor(confidence * bins), bins - 1);
      this.#pixels[bin]!++;
      this.#confidence[bin]! += confidence;
      if (predictions[i] === id) this.#right[bin]!++;
    }
  }

  /** All bins in order, those without pixels too. */
  get bins(): CalibrationBin[] {
    const n = this.#pixels.length;
    return Array.from(this.#pixels, (pixels, i) => ({
      from: i / n,
      to: (i + 1) / n,
      pixels,
      confidence: this.#confidence[i]! / pixels,
      accuracy: this.#right[i]! / pixels,
    }));
  }

  /**
   * Expected calibration error in [0, 1]: how far confidence and accuracy lie apart, the mean over the pixels, bin by
   * bin. NaN of no pixels.
   */
  get error(): number {
    const all = this.#pixels.reduce((sum, pixels) => sum + pixels, 0);
    const apart = Array.from(this.#pixels, (_, i) => Math.abs(this.#confidence[i]! - this.#right[i]!));
    return apart.reduce((sum, distance) => sum + distance, 0) / all;
  }
}
