import { ConfusionMatrix } from "../metrics/confusion-matrix.ts";

/** One picture and how well it was predicted. */
export interface PictureScore {
  /** Its position in the list. */
  readonly index: number;
  readonly id: string;
  /** The learner's loss of this picture alone. */
  readonly loss: number;
  /** Share of pixels predicted right, void not counted; NaN where nothing counts. */
  readonly accuracy: number;
}

/** Confusion of many pictures: pixels of all together, and the mean over pictures of each true class's shares. */
export class ConfusionSums {
  readonly pooled: ConfusionMatrix;
  readonly #shares: Float64Array;
  /** Pictures that have a class. */
  readonly #having: Float64Array;

  constructor(classes: number) {
    this.pooled = new ConfusionMatrix(classes, { ignoreIndex: "outside" });
    this.#shares = new Float64Array(classes ** 2);
    this.#having = new Float64Array(classes);
  }

  /** Adds one picture and returns its own counts. */
  add(predictions: Uint8Array, truth: Uint8Array): ConfusionMatrix {
    const { classes } = this.pooled;
    const own = new ConfusionMatrix(classes, { ignoreIndex: "outside" });
    own.add(predictions, truth);
    this.pooled.merge(own);
    for (const [t, row] of rowShares(own).entries()) {
      if (Number.isNaN(row[0])) continue;
      this.#having[t]!++;
      for (const [p, share] of row.entries()) this.#shares[t * classes + p]! += share;
    }
    return own;
  }

  /** [true][predicted]; NaN rows are of classes that no picture has. */
  mean(): number[][] {
    const { classes } = this.pooled;
    return Array.from({ length: classes }, (_, t) =>
      Array.from(this.#shares.subarray(t * classes, (t + 1) * classes), (sum) => sum / this.#having[t]!),
    );
  }
}

/** Each true class's pixels by predicted class, as shares; NaN for a class without pixels. */
export function rowShares(matrix: ConfusionMatrix): number[][] {
  const { classes, counts } = matrix;
  return Array.from({ length: classes }, (_, t) => {
    const row = counts.subarray(t * classes, (t + 1) * classes);
    const all = row.reduce((sum, count) => sum + count, 0);
    return Array.from(row, (count) => count / all);
  });
}

/** Share of pixels predicted right, void not counted; NaN where nothing counts. */
export function accuracyOf(matrix: ConfusionMatrix, voidIndex: number | null): number {
  let [right, all] = [0, 0];
  for (let t = 0; t < matrix.classes; t++) {
    if (t === voidIndex) continue;
    right += matrix.at(t, t);
    for (let p = 0; p < matrix.classes; p++) all += matrix.at(t, p);
  }
  return right / all;
}
