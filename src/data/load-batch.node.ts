import { Random } from "../util/random.ts";
import { DataError } from "../util/errors.ts";
import { emptyBatch } from "./batch.ts";
import type { Batch } from "./batch.ts";
import type { Item } from "./dataset.ts";
import { decodeImage, decodeMask } from "./decode.node.ts";
import { sameSize, sizeText } from "./image.ts";
import type { IdMask, RgbImage } from "./image.ts";
import type { BatchRequest, BatchSource } from "./loader-protocol.ts";
import { writeSample } from "./transform.ts";
import type { ResizePlans } from "./transform.ts";

/**
 * Decodes, transforms and lays out one batch. Nothing but the source and the request decides what is in it.
 * @param plans the resize plans of this thread.
 * @param cancelled asked between samples; true ends the work with an error nobody needs to see.
 * @throws what `decodeImage` and `decodeMask` throw, and DataError for a mask that does not fit its image or classes.
 */
export async function loadBatch(
  { items, spec, seed, classes }: BatchSource,
  { epoch, indices }: BatchRequest,
  plans: ResizePlans,
  cancelled: () => boolean = () => false,
): Promise<Batch> {
  const [height, width] = spec.size;
  const chosen = indices.map((index) => items[index]!);
  const batch = emptyBatch(
    chosen.map((item) => item.id),
    height,
    width,
  );
  const pixels = height * width;
  // One sample is decoded while the one before it is transformed.
  let next = chosen[0] && decodeItem(chosen[0]);
  for (const [i, item] of chosen.entries()) {
    const { image, mask } = await next!;
    if (cancelled()) throw new Error("cancelled");
    const following = chosen[i + 1];
    next = following && decodeItem(following);
    next?.catch(() => {});
    const target = { images: batch.images, imageOffset: i * 3 * pixels, masks: batch.masks, maskOffset: i * pixels };
    writeSample(target, image, mask, spec, new Random(seed).split("sample", epoch, indices[i]!), plans);
    checkIds(batch.masks.subarray(i * pixels, (i + 1) * pixels), classes, item);
  }
  return batch;
}

async function decodeItem(item: Item): Promise<{ image: RgbImage; mask: IdMask }> {
  const decoding = [decodeImage(item.image), decodeMask(item.mask)] as const;
  await Promise.allSettled(decoding); // so that of two errors it is always the image's that is thrown
  const [image, mask] = await Promise.all(decoding);
  if (!sameSize(image, mask)) {
    throw new DataError(`mask ${item.mask} is ${sizeText(mask)}, but its image ${item.image} is ${sizeText(image)}`, {
      hint: "Make the mask from the image at its full size.",
    });
  }
  return { image, mask };
}

function checkIds(ids: Int32Array, classes: number, item: Item): void {
  const found = ids.find((id) => id >= classes);
  if (found === undefined) return;
  throw new DataError(`mask ${item.mask} holds value ${found}, but there are ${classes} classes (0–${classes - 1})`, {
    hint: "Check the dataset before training: it explains the likely cause.",
  });
}
