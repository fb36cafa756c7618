import { DataError, ShapeError } from "../util/errors.ts";

/** Class indices of pixels, in any order common to both sides. */
export type ClassIndices = Uint8Array | Int32Array;

/**
 * Counts of pixels by true class (row) and predicted class (column), summed over as many images as are added.
 * @example
 * const matrix = new ConfusionMatrix(12, { ignoreIndex: "outside" });
 * matrix.add(Uint8Array.of(0, 1, 1), Uint8Array.of(0, 1, 2));
 * const iou = perClassIou(matrix, null);
 */
export class ConfusionMatrix {
  /** Number of classes. */
  readonly classes: number;
  /** A truth value whose pixels are not counted at all, "outside" for all values outside [0, classes), or null. */
  readonly ignoreIndex: number | "outside" | null;
  /** Row-major, [classes, classes]: pixels of class `truth` predicted as `predicted` at truth·classes + predicted. */
  readonly counts: Float64Array;

  /** A matrix of zeros. */
  constructor(classes: number, options: { readonly ignoreIndex?: number | "outside" | null } = {}) {
    this.classes = classes;
    this.ignoreIndex = options.ignoreIndex ?? null;
    this.counts = new Float64Array(classes * classes);
  }

  /** Pixels of true class `truth` predicted as `predicted`. */
  at(truth: number, predicted: number): number {
    return this.counts[truth * this.classes + predicted]!;
  }

  /**
   * Counts pixels. Throws a ShapeError if the lengths differ and a DataError if a class is outside [0, classes), the
   * truth that is ignored excepted; nothing is counted then.
   */
  add(predictions: ClassIndices, truth: ClassIndices): void {
    if (predictions.length !== truth.length)
      throw new ShapeError(
        `confusion matrix: expected as many predictions as true pixels (${truth.length}), but received ${predictions.length}`,
      );
    this.#check(predictions, truth);
    const { classes, counts } = this;
    const ignored = this.ignoreIndex;
    for (let i = 0; i < truth.length; i++) {
      const t = truth[i]!;
      if (t !== ignored && t >= 0 && t < classes) counts[t * classes + predictions[i]!]! += 1;
    }
  }

  /** Adds another matrix's counts; throws a ShapeError if it has another number of classes. */
  merge(other: ConfusionMatrix): void {
    if (other.classes !== this.classes)
      throw new ShapeError(`confusion matrix: expected ${this.classes} classes, but received ${other.classes}`);
    for (const [i, count] of other.counts.entries()) this.counts[i]! += count;
  }

  #check(predictions: ClassIndices, truth: ClassIndices): void {
    const { classes, ignoreIndex: ignored } = this;
    for (let i = 0; i < truth.length; i++) {
      const t = truth[i]!;
      const p = predictions[i]!;
      const known = t >= 0 && t < classes;
      if (t === ignored || (!known && ignored === "outside")) continue;
      if (!known) throw this.#outside("a true", t, i);
      if (p < 0 || p >= classes) throw this.#outside("a predicted", p, i);
    }
  }

  #outside(kind: string, value: number, pixel: number): DataError {
    const except = typeof this.ignoreIndex === "number" ? ` (or the ignore index ${this.ignoreIndex})` : "";
    return new DataError(
      `confusion matrix: expected ${kind} class in [0, ${this.classes - 1}]${except}, but received ${value} at pixel ${pixel}`,
      { hint: "Check that the masks hold class indices and that every class has a name." },
    );
  }
}
