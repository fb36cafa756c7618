import type { Batch } from "../data/batch.ts";
import { isOutOfMemory, outOfMemory } from "../util/out-of-memory.ts";

/** What a batch is computed for. */
export type BatchTask = "training" | "validation";

/** How many pictures are computed at a time, where batches are too large for the memory; others are computed whole. */
export type PartSizes = { readonly [Task in BatchTask]?: number | undefined };

/** Batches are computed in smaller parts from now on. */
export interface BatchSplit {
  /** What they are computed for. */
  readonly task: BatchTask;
  /** How many pictures were too many. */
  readonly before: number;
  /** How many are computed at a time from now on. */
  readonly pictures: number;
  /** The same as a sentence. */
  readonly message: string;
}

/** Some of the pictures of a batch: the first, and the one behind the last. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

export interface BatchPartsOptions {
  /** Gives the memory of all programs back, and tells how many were held beside the one that was last asked for. */
  readonly free: () => Promise<number>;
  readonly onSplit?: ((split: BatchSplit) => void) | undefined;
}

const hint = "Use smaller pictures or a smaller encoder, or give memory back that other programs hold.";

/**
 * Computes batches whole as long as there is memory for it, then in parts: each time that memory runs out, the part that
 * failed is done again in halves, and all later batches in parts of that size. Parts that were done are kept.
 */
export class BatchParts {
  /** The sizes of the parts now: what a checkpoint holds. */
  sizes: PartSizes = {};
  /** Told of every split. */
  readonly onSplit: BatchPartsOptions["onSplit"];
  readonly #free: BatchPartsOptions["free"];

  constructor({ free, onSplit }: BatchPartsOptions) {
    this.#free = free;
    this.onSplit = onSplit;
  }

  /**
   * Computes the pictures of a batch, one part after the other. What `compute` throws for lack of memory must have changed
   * nothing. Throws a ResourceError when the memory does not last for a single picture.
   */
  async each(task: BatchTask, pictures: number, compute: (part: Part) => Promise<void>): Promise<void> {
    for (let from = 0; from < pictures;) {
      const count = Math.min(this.sizes[task] ?? pictures, pictures - from);
      try {
        await compute({ from, to: from + count });
        from += count;
      } catch (error) {
        await this.#makeRoom(task, count, error);
      }
    }
  }

  /** Frees what others hold; where nobody holds anything, halves the parts. */
  async #makeRoom(task: BatchTask, count: number, error: unknown): Promise<void> {
    if (!isOutOfMemory(error)) throw error;
    if ((await this.#free()) > 0) return;
    if (count === 1) throw outOfMemory(error, hint);
    const half = Math.ceil(count / 2);
    this.sizes = { ...this.sizes, [task]: half };
    this.onSplit?.({ task, before: count, pictures: half, message: sentences[task](count, half) });
  }
}

/**
 * Copies of the pictures of a part, and of their masks: an engine takes what it is fed away, and a part that failed is done
 * again.
 */
export function pictures(
  { images, n }: Batch,
  masks: Int32Array,
  { from, to }: Part,
): { readonly images: Float32Array; readonly masks: Int32Array } {
  const [picture, mask] = [images.length / n, masks.length / n];
  return { images: images.slice(from * picture, to * picture), masks: masks.slice(from * mask, to * mask) };
}

const sentences: Readonly<Record<BatchTask, (before: number, pictures: number) => string>> = {
  training: (before, pictures) =>
    `out of memory with ${showPictures(before)} at once: batches are computed ${showPictures(pictures)} at a time from ` +
    "now on and their gradients gathered, so that a step still takes the whole batch; batch norms see only a part of it",
  validation: (before, pictures) =>
    `out of memory with ${showPictures(before)} at once: validation goes on ${showPictures(pictures)} at a time`,
};

function showPictures(n: number): string {
  return n === 1 ? "1 picture" : `${n} pictures`;
}
