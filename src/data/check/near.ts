import { bitsBetween, differenceBetween, type Look, nearBits, nearDifference } from "./look.ts";

/** A picture and the one of another list that it equals most. */
export interface Likeness {
  readonly picture: number;
  readonly like: number;
  /** Mean difference of brightness, 0–255, as far as it can be seen from afar. */
  readonly difference: number;
}

/** Who is told of a long comparison, and who ends it. */
export interface CompareOptions {
  /** Told the pictures compared so far and their number. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Ends it by throwing the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Of a camera that stands still, or of pictures on one background, all hashes are near: then no more hashes than this
 * are compared with one, those with the rarest bytes first, and no more pictures are looked at closely, the nearest
 * first. So the time grows as the number of pictures.
 */
const hashesCompared = 4096;
const closely = 256;
/** Pictures between two looks at the signal. */
const round = 64;

/**
 * For each of `pictures` the most similar of `others`, if it looks the same. Pictures are found by the bytes of their
 * hashes: of two that differ in at most 7 of 64 bits, one of the eight bytes is equal. So each is compared with about
 * 8/256 of the others instead of all.
 * @param looks of all pictures, by position; null where there is none.
 * @throws the signal's reason.
 */
export async function findAlike(
  looks: readonly (Look | null)[],
  pictures: readonly number[],
  others: readonly number[],
  { onProgress, signal }: CompareOptions = {},
): Promise<Likeness[]> {
  const index = new HashIndex(looks, others);
  const found: Likeness[] = [];
  for (const [i, picture] of pictures.entries()) {
    if (i % round === 0) {
      await new Promise((resolve) => setTimeout(resolve));
      signal?.throwIfAborted();
      onProgress?.(i, pictures.length);
    }
    const look = looks[picture];
    if (!look) continue;
    const best = index
      .near(look)
      .map((like) => ({ picture, like, difference: differenceBetween(look, looks[like]!) }))
      .reduce<Likeness | null>((a, b) => (a === null || b.difference < a.difference ? b : a), null);
    if (best !== null && best.difference <= nearDifference) found.push(best);
  }
  onProgress?.(pictures.length, pictures.length);
  return found;
}

/** Pictures of one hash. */
interface Alike {
  readonly look: Look;
  readonly pictures: number[];
  /** The search that saw it last. */
  seen: number;
}

/** Pictures by their hashes, and hashes by their bytes. */
class HashIndex {
  /** The hashes that have a byte at a place, by 256 · place + byte. */
  readonly #buckets: Alike[][] = Array.from({ length: 8 * 256 }, () => []);
  #searches = 0;

  constructor(looks: readonly (Look | null)[], pictures: readonly number[]) {
    const byHash = new Map<string, Alike>();
    for (const picture of pictures) {
      const look = looks[picture];
      if (!look) continue;
      const name = String.fromCharCode(...look.hash);
      const known = byHash.get(name);
      if (known) known.pictures.push(picture);
      else byHash.set(name, { look, pictures: [picture], seen: 0 });
    }
    for (const each of byHash.values()) for (const bucket of this.#bucketsOf(each.look)) bucket.push(each);
  }

  #bucketsOf({ hash }: Look): Alike[][] {
    return Array.from(hash, (byte, place) => this.#buckets[256 * place + byte]!);
  }

  /** Pictures whose hashes are near, the nearest first, at most `closely`. */
  near(look: Look): number[] {
    const search = ++this.#searches;
    const near: Alike[][] = Array.from({ length: nearBits + 1 }, () => []);
    let compared = 0;
    for (const bucket of this.#bucketsOf(look).toSorted((a, b) => a.length - b.length))
      for (const each of bucket) {
        if (each.seen === search) continue;
        if (compared === hashesCompared) break;
        each.seen = search;
        compared++;
        near[bitsBetween(look, each.look)]?.push(each);
      }
    const found: number[] = [];
    for (const { pictures } of near.flat()) {
      if (found.length >= closely) break;
      found.push(...spread(pictures, closely - found.length));
    }
    return found;
  }
}

/** All of a list, or as many, evenly spread. */
function spread(list: readonly number[], count: number): readonly number[] {
  if (list.length <= count) return list;
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]!);
}
