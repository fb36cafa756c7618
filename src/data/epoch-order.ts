import { Random } from "../util/random.ts";

/** How samples are put into batches. */
export interface BatchOrder {
  /** Samples there are. */
  readonly samples: number;
  readonly batchSize: number;
  /** Whether every epoch has its own order. */
  readonly shuffle: boolean;
  /** Whether a last batch of fewer samples is left out. */
  readonly dropLast: boolean;
  readonly seed: number;
}

/** Batches of an epoch. */
export function batchesOf({ samples, batchSize, dropLast }: BatchOrder): number {
  return (dropLast ? Math.floor : Math.ceil)(samples / batchSize);
}

/** The positions of the samples in the order of an epoch, batch by batch. */
export function epochOrder(order: BatchOrder, epoch: number): readonly (readonly number[])[] {
  const { samples, batchSize, shuffle, seed } = order;
  const positions = shuffle
    ? new Random(seed).split("order", epoch).permutation(samples)
    : Array.from({ length: samples }, (_, i) => i);
  return Array.from({ length: batchesOf(order) }, (_, i) => positions.slice(i * batchSize, (i + 1) * batchSize));
}
