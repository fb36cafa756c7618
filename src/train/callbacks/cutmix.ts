import { Random } from "../../util/random.ts";
import { requireOption } from "./require-option.ts";
import type { Callback, FitState, TrainingStep } from "../callback.ts";
import { beta } from "./beta.ts";

export interface CutMixOptions {
  /** Both shapes of the Beta distribution that the rectangle's share of the picture is drawn from; default 1. */
  readonly alpha?: number;
  /** The probability that a batch is cut and mixed, in [0, 1]; default 1. */
  readonly p?: number;
  /** Decides the draws, with the epoch and the batch; default 0. */
  readonly seed?: number;
}

/**
 * Copies a rectangle of another picture of the batch, and of its mask, into each picture (Yun et al. 2019,
 * arXiv:1905.04899; each pixel keeps its own class, so the loss needs no mixing).
 * @example await learner.fitOneCycle(4, slice(1e-3), { callbacks: [new CutMix({ alpha: 1 })] });
 */
export class CutMix implements Callback {
  /** Before what goes by the batch, such as gradient accumulation. */
  readonly order = -6;
  readonly #options: Required<CutMixOptions>;

  /** Throws a ConfigError for an alpha that is not above 0 or a probability outside [0, 1]. */
  constructor({ alpha = 1, p = 1, seed = 0 }: CutMixOptions = {}) {
    requireOption("CutMix", "alpha", alpha, "a number above 0", alpha > 0);
    requireOption("CutMix", "p", p, "a number in [0, 1]", p >= 0 && p <= 1);
    this.#options = { alpha, p, seed };
  }

  batchStart({ pass, batch: index }: FitState, step: TrainingStep): void {
    const { alpha, p, seed } = this.#options;
    const random = new Random(seed).split("cutmix", pass, index);
    if (!random.chance(p)) return;
    const { images, masks, n, height, width } = step.batch;
    const box = rectangle(random, 1 - beta(random, alpha, alpha), height, width);
    const order = random.permutation(n);
    const [before, maskBefore] = [images.slice(), masks.slice()];
    for (const [i, other] of order.entries()) {
      for (let c = 0; c < 3; c++) copyBox(before, images, (other * 3 + c) * height, (i * 3 + c) * height, width, box);
      copyBox(maskBefore, masks, other * height, i * height, width, box);
    }
  }
}

/** Rows and columns from the first to before the last. */
interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** A rectangle of a share of the picture around a random centre, cut off at the borders. */
function rectangle(random: Random, share: number, height: number, width: number): Box {
  const [y, x] = [random.between(0, height), random.between(0, width)];
  const [h, w] = [(height * Math.sqrt(share)) / 2, (width * Math.sqrt(share)) / 2];
  const clamp = (value: number, end: number): number => Math.min(Math.max(Math.round(value), 0), end);
  return {
    ...{ top: clamp(y - h, height), bottom: clamp(y + h, height) },
    ...{ left: clamp(x - w, width), right: clamp(x + w, width) },
  };
}

type Values = Float32Array | Int32Array;

/** Copies a box of a plane that begins at row `fromRow` of one array to the plane at `toRow` of another. */
function copyBox<T extends Values>(from: T, to: T, fromRow: number, toRow: number, width: number, box: Box): void {
  for (let y = box.top; y < box.bottom; y++) {
    const [source, target] = [(fromRow + y) * width, (toRow + y) * width];
    to.set(from.subarray(source + box.left, source + box.right), target + box.left);
  }
}
