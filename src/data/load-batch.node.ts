import { Random } from "../util/random.ts";
import { DataError } from "../util/errors.ts";
import { type BadPicture, isBadPicture } from "./bad-pictures.ts";
import { emptyBatch } from "./batch.ts";
import type { Batch } from "./batch.ts";
import type { Picture } from "./dataset.ts";
import { decodeImage, decodeMask } from "./decode.node.ts";
import { reaches } from "./id-check.ts";
import { sameSize, sizeText } from "./image.ts";
import type { IdMask, RgbImage } from "./image.ts";
import type { BatchRequest, BatchSource, LoadedBatch } from "./loader-protocol.ts";
import type { Plan } from "./transforms/plan.ts";
import type { ResizePlans } from "./transforms/render.ts";
import { planSample, writePlanned } from "./transforms/sample.ts";

/**
 * Decodes, transforms and lays out one batch. Nothing but the source, the request and which files can be read decides what
 * is in it. Masks of pictures that have none are zeros.
 * @param plans the resize plans of this thread.
 * @param cancelled asked between samples; true ends the work with an error nobody needs to see.
 * @throws what `decodeImage` and `decodeMask` throw, and DataError for a mask that does not fit its image or classes,
 * unless the request has spares; DataError for pictures of different sizes.
 */
export async function loadBatch(
  source: BatchSource,
  request: BatchRequest,
  plans: ResizePlans,
  cancelled: () => boolean = () => false,
): Promise<LoadedBatch> {
  const { spec, seed } = source;
  const bad: BadPicture[] = [];
  const items: Picture[] = [];
  let room: Batch | undefined;
  for await (const { index, item, image, mask } of readPairs(source, request, (picture) => bad.push(picture))) {
    if (cancelled()) throw new Error("cancelled");
    const plan = planSample(image, spec, new Random(seed).split("sample", request.epoch, index));
    room ??= emptyBatch([], plan.size.height, plan.size.width, request.indices.length);
    requireRoom(room, plan, items[0] ?? item, item);
    const [i, pixels] = [items.push(item) - 1, room.height * room.width];
    const target = { images: room.images, imageOffset: i * 3 * pixels, masks: room.masks, maskOffset: i * pixels };
    writePlanned(target, image, mask, plan, spec, plans);
  }
  return { batch: batchOf(room ?? emptyBatch([], 0, 0), items), bad };
}

/** The pictures of a request in order, each decoded while the one before it is transformed; spares for those that are bad. */
async function* readPairs(
  source: BatchSource,
  { indices, spares }: BatchRequest,
  onBad: (picture: BadPicture) => void,
): AsyncGenerator<Pair & { readonly index: number; readonly item: Picture }> {
  const [wanted, others] = [[...indices], [...(spares ?? [])]];
  const begin = (index: number | null | undefined) => {
    const found = index === null ? others.shift() : index;
    if (found === undefined) return undefined;
    const item = source.items[found]!;
    const pair = decodePair(item, source);
    pair.catch(() => {});
    return { index: found, item, pair };
  };
  const beginNext = (): ReturnType<typeof begin> => {
    while (wanted.length > 0) {
      const begun = begin(wanted.shift());
      if (begun) return begun;
    }
    return undefined;
  };
  for (let current = beginNext(); current !== undefined;) {
    const { index, item } = current;
    const pair = await current.pair.catch((error: unknown) => {
      if (spares === undefined || !isBadPicture(error)) throw error;
      onBad({ id: item.id, reason: error.message });
    });
    current = (pair ? undefined : begin(null)) ?? beginNext();
    if (pair) yield { index, item, ...pair };
  }
}

/** The samples that are there, as a batch. */
function batchOf(room: Batch, items: readonly Picture[]): Batch {
  const n = items.length;
  const whole = n === room.n;
  const pixels = n * room.height * room.width;
  return {
    ...room,
    ...{ n, ids: items.map((item) => item.id) },
    ...(whole ? {} : { images: room.images.slice(0, 3 * pixels), masks: room.masks.slice(0, pixels) }),
    ...(items.every((item) => item.mask !== undefined) ? {} : { labelled: false }),
  };
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
