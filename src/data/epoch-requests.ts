import type { BadPictures } from "./bad-pictures.ts";
import type { Picture } from "./dataset.ts";
import type { BatchRequest } from "./loader-protocol.ts";

/** Pictures that a thread is told of for the case that some cannot be read: as many as can be needed, and no more. */
const mostSpares = 256;

/**
 * What a thread is asked for: one batch of an epoch. Where pictures may be left out, those that are known to be bad have no
 * place any more.
 * @param order the positions of the items in the order of the epoch, batch by batch.
 * @param fills whether others of the epoch take their places: the next ones of the order, the first after the last. Then
 * what is in a batch depends on the order and on which pictures are bad, and not on when that was found.
 */
export function requestOf(
  epoch: number,
  order: readonly (readonly number[])[],
  batch: number,
  {
    items,
    bad,
    fills,
  }: { readonly items: readonly Picture[]; readonly bad: BadPictures | undefined; readonly fills: boolean },
): BatchRequest {
  const indices = order[batch]!;
  if (!bad) return { epoch, indices };
  const isSound = (index: number): boolean => !bad.has(items[index]!.id);
  const spares: number[] = [];
  for (let i = 1; fills && i < order.length && spares.length < mostSpares; i++)
    spares.push(...order[(batch + i) % order.length]!.filter(isSound));
  return { epoch, indices: indices.map((index) => (isSound(index) ? index : null)), spares };
}
