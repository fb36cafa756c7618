import type { Batch } from "../../data/batch.ts";
import type { BatchLoader } from "../../data/databunch.ts";

/** A few pictures of a loader, spread over it, one a batch; they stay in memory. */
export async function samplesOf(loader: BatchLoader, count: number): Promise<BatchLoader> {
  const samples: Batch[] = [];
  for (let i = 0; i < count; i++) {
    const place = ((i + 0.5) * loader.length) / count;
    const from = Math.floor(place);
    const batch = await firstOf(loader.batches(0, { from }));
    if (batch) samples.push(pictureOf(batch, Math.floor((place - from) * batch.n)));
  }
  return new Samples(samples);
}

/** Gives copies, since an engine takes the arrays of a batch away. */
class Samples implements BatchLoader {
  readonly batchSize = 1;
  readonly #batches: readonly Batch[];

  constructor(batches: readonly Batch[]) {
    this.#batches = batches;
  }

  get length(): number {
    return this.#batches.length;
  }

  async *batches(_: number, { from = 0 }: { readonly from?: number } = {}): AsyncGenerator<Batch> {
    for (const batch of this.#batches.slice(from))
      yield { ...batch, images: batch.images.slice(), masks: batch.masks.slice() };
  }
}

async function firstOf(batches: AsyncIterable<Batch>): Promise<Batch | undefined> {
  for await (const batch of batches) return batch;
  return undefined;
}

function pictureOf({ images, masks, n, ids, ...rest }: Batch, i: number): Batch {
  const [picture, mask] = [images.length / n, masks.length / n];
  return {
    ...{ ...rest, n: 1, ids: [ids[i]!] },
    images: images.slice(i * picture, (i + 1) * picture),
    masks: masks.slice(i * mask, (i + 1) * mask),
  };
}
