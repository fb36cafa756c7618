import type { DataReport } from "../data/check/examine.node.ts";
import { sizeText } from "../data/image.ts";
import { unet } from "../models/unet/unet.ts";
import { autoBatchSize } from "./auto-batch-size.ts";

/** A size to train at, and the batches that this machine has memory for. */
export interface SizeAdvice {
  readonly size: readonly [height: number, width: number];
  readonly batchSize: number;
  /** Why, in a sentence. */
  readonly reason: string;
}

/** What to train with on this machine. */
export interface Advice {
  /** To begin with. */
  readonly first: SizeAdvice;
  /** For the best score, where it is another: the largest size. */
  readonly largest: SizeAdvice | null;
}

/** What pictures are divided by, in height and width. */
const divisors = [1, 2, 3, 4, 6, 8, 12, 16];
/** Batches that are worth training with: of fewer pictures, batch norms learn little. */
const leastBatch = 4;

/**
 * Sizes and batches for the ResNet-34 U-Net: to begin with half the size that most pictures have, as `segkit train` does,
 * and the largest that there is memory for; both with batches of four or more where there are enough pictures.
 * @returns null where no picture can be read, or none is large enough, or there is not enough memory for any size.
 */
export function adviseSizes({ sizes, pictures, classes }: DataReport, freeBytes: number): Advice | null {
  const [common] = sizes;
  if (common === undefined || pictures.train === 0) return null;
  const model = unet({ encoder: "resnet34", classes: Math.max(classes.length, 2) });
  const least = Math.min(leastBatch, Math.max(Math.floor(pictures.train / leastBatch), 1));
  const fitting: SizeAdvice[] = [];
  for (const by of divisors) {
    const size = [Math.round(common.height / by), Math.round(common.width / by)] as const;
    if (Math.min(...size) < model.minimumSize) break;
    const { batchSize, bytes, message } = autoBatchSize(model, { size, pictures: pictures.train, freeBytes });
    if (batchSize < least || bytes > freeBytes) continue;
    const reason = `${by === 1 ? "the pictures' own size" : `1/${by} of ${sizeText(common)}`}; ${message}`;
    fitting.push({ size, batchSize, reason });
    if (by > 1) break;
  }
  const [largest, other] = fitting;
  if (largest === undefined) return null;
  return other ? { first: other, largest } : { first: largest, largest: null };
}
