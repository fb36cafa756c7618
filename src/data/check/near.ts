import { bitsBetween, differenceBetween, type Look, nearBits, nearDifference } from "./look.ts";

/** A picture and the one of another list that it equals most. */
export interface Likeness {
  readonly picture: number;
  readonly like: number;
  /** Mean difference of brightness, 0–255, as far as it can be seen from afar. */
  readonly difference: number;
}

/** Of those whose hash is near, no more are looked at closely, the nearest first: of a camera that stands still, all are. */
const closely = 48;

/**
 * For each of `pictures` the most similar of `others`, if it looks the same. Pictures are found by the bytes of their
 * hashes: of two that differ in at most 7 of 64 bits, one of the eight bytes is equal. So each is compared with about
 * 8/256 of the others instead of all.
 * @param looks of all pictures, by position; null where there is none.
 */
export function findAlike(
  looks: readonly (Look | null)[],
  pictures: readonly number[],
  others: readonly number[],
): Likeness[] {
  const buckets = bucketsOf(looks, others);
  const seen = new Uint32Array(looks.length);
  return pictures.flatMap((picture, round) => {
    const look = looks[picture];
    if (!look) return [];
    const near: { readonly like: number; readonly bits: number }[] = [];
    for (const [at, byte] of look.hash.entries()) {
      for (const like of buckets[256 * at + byte] ?? []) {
        if (seen[like] === round + 1) continue;
        seen[like] = round + 1;
        const bits = bitsBetween(look, looks[like]!);
        if (bits <= nearBits) near.push({ like, bits });
      }
    }
    const best = near
      .toSorted((a, b) => a.bits - b.bits)
      .slice(0, closely)
      .map(({ like }) => ({ picture, like, difference: differenceBetween(look, looks[like]!) }))
      .reduce<Likeness | null>((a, b) => (a === null || b.difference < a.difference ? b : a), null);
    return best !== null && best.difference <= nearDifference ? [best] : [];
  });
}

/** The pictures whose hash has a byte at a place, by 256 · place + byte. */
function bucketsOf(looks: readonly (Look | null)[], pictures: readonly number[]): readonly (readonly number[])[] {
  const buckets: number[][] = [];
  for (const picture of pictures)
    for (const [at, byte] of looks[picture]?.hash.entries() ?? []) (buckets[256 * at + byte] ??= []).push(picture);
  return buckets;
}
