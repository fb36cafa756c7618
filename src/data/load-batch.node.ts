import { Random } from "../util/random.ts";
import { DataError } from "../util/errors.ts";
import { emptyBatch } from "./batch.ts";
import type { Batch } from "./batch.ts";
import type { Picture } from "./dataset.ts";
import { decodeImage, decodeMask } from "./decode.node.ts";
import { reaches } from "./id-check.ts";
import { sameSize, sizeText } from "./image.ts";
import type { IdMask, RgbImage } from "./image.ts";
import type { BatchRequest, BatchSource } from "./loader-protocol.ts";
import type { Plan } from "./transforms/plan.ts";
import type { ResizePlans } from "./transforms/render.ts";
import { planSample, writePlanned } from "./transforms/sample.ts";

/**
 * Decodes, transforms and lays out one batch. Nothing but the source and the request decides what is in it. Masks of
 * pictures that have none are zeros.
 * @param plans the resize plans of this thread.
 * @param cancelled asked between samples; true ends the work with an error nobody needs to see.
 * @throws what `decodeImage` and `decodeMask` throw, and DataError for a mask that does not fit its image or classes,
 * and for pictures of different sizes.
 */
export async function loadBatch(
  source: BatchSource,
  { epoch, indices }: BatchRequest,
  plans: ResizePlans,
  cancelled: () => boolean = () => false,
): Promise<Batch> {
  const { items, spec, seed } = source;
  const chosen = indices.map((index) => items[index]!);
  let batch: Batch | undefined;
  // One sample is decoded while the one before it is transformed.
  let next = chosen[0] && decodePair(chosen[0], source);
  for (const [i, item] of chosen.entries()) {
    const { image, mask } = await next!;
    if (cancelled()) throw new Error("cancelled");
    const following = chosen[i + 1];
    next = following && decodePair(following, source);
    next?.catch(() => {});
    const plan = planSample(image, spec, new Random(seed).split("sample", epoch, indices[i]!));
    batch ??= roomFor(chosen, plan);
    requireRoom(batch, plan, chosen[0]!, item);
    const pixels = batch.height * batch.width;
    const target = { images: batch.images, imageOffset: i * 3 * pixels, masks: batch.masks, maskOffset: i * pixels };
    writePlanned(target, image, mask, plan, spec, plans);
  }
  return batch ?? emptyBatch([], 0, 0);
}

function roomFor(items: readonly Picture[], { size }: Plan): Batch {
  const ids = items.map((item) => item.id);
  const labelled = items.every((item) => item.mask !== undefined);
  return { ...emptyBatch(ids, size.height, size.width), ...(labelled ? {} : { labelled }) };
}

function requireRoom(batch: Batch, { size }: Plan, first: Picture, item: Picture): void {
  if (sameSize(batch, size)) return;
  const sizes = `${first.image} is ${sizeText(batch)} and ${item.image} is ${sizeText(size)}`;
  throw new DataError(`pictures of one batch differ in size after their transforms: ${sizes}`, {
    hint: "Give a size and a resize method other than NO, or take batches of one picture.",
  });
}

/** A picture and its mask, of one size; null for a picture that has none. */
interface Pair {
  readonly image: RgbImage;
  readonly mask: IdMask | null;
}

async function decodePair(item: Picture, { read, spec, classes }: BatchSource): Promise<Pair> {
  const { masks, convertMode = "RGB" } = read;
  const decoding = [
    decodeImage(item.image, { convertMode }),
    item.mask ? decodeMask(item.mask, { masks }) : Promise.resolve(null),
  ] as const;
  await Promise.allSettled(decoding); // so that of two errors it is always the image's that is thrown
  const [image, mask] = await Promise.all(decoding);
  if (mask === null) return { image, mask };
  if (!sameSize(image, mask) && (spec.tfmY ?? true)) {
    throw new DataError(`mask ${item.mask} is ${sizeText(mask)}, but its image ${item.image} is ${sizeText(image)}`, {
      hint: "Make the mask from the image at its full size.",
    });
  }
  checkIds(mask.data, classes, masks?.ignoreIndex, item);
  return { image, mask };
}

function checkIds(ids: Uint8Array, classes: number, ignored: number | undefined, item: Picture): void {
  if (!reaches(ids, classes)) return;
  const found = ids.find((id) => id >= classes && id !== ignored);
  if (found === undefined) return;
  throw new DataError(`mask ${item.mask} holds value ${found}, but there are ${classes} classes (0–${classes - 1})`, {
    hint: "Check the dataset before training: it explains the likely cause.",
  });
}
