// What a peer needs to repeat a training of segkit's: initial weights, every batch in order, and the settings.
import { mkdirSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { BatchLoader, DataBunch } from "../src/data/databunch.ts";
import { encodeSafetensors } from "../src/nn/safetensors.ts";
import type { StateDict } from "../src/nn/state.ts";

/** Writes train.bin, valid.bin, weights.safetensors and manifest.json; peers/README.md describes them. */
export async function dumpTraining(
  folder: string,
  training: {
    readonly data: DataBunch;
    readonly weights: StateDict;
    readonly epochs: number;
    readonly settings: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  const { data, weights, epochs, settings } = training;
  const [height, width] = data.size;
  mkdirSync(folder, { recursive: true });
  await dumpBatches(join(folder, "train.bin"), data.train, epochs);
  const validSizes = await dumpBatches(join(folder, "valid.bin"), data.valid, 1);
  writeFileSync(join(folder, "weights.safetensors"), Buffer.concat(encodeSafetensors(weights)));
  const manifest = {
    ...{ classes: data.classes.length, voidIndex: data.voidIndex, batchSize: data.train.batchSize, height, width },
    ...{ epochs, trainBatches: data.train.length, validSizes, ...settings },
  };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
}

/** Images, then masks, batch after batch; returns the sizes of the batches. */
async function dumpBatches(file: string, loader: BatchLoader, epochs: number): Promise<number[]> {
  const handle = await open(file, "w");
  const sizes: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++)
    for await (const { images, masks, n } of loader.batches(epoch)) {
      await handle.write(new Uint8Array(images.buffer));
      await handle.write(new Uint8Array(masks.buffer));
      sizes.push(n);
    }
  await handle.close();
  return sizes;
}
