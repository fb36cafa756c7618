/** One of the ranges that an Accept header names, and how much it is wanted, 0–1. */
interface Accept {
  readonly type: string;
  readonly q: number;
}

/** How well a range of an Accept header fits a media type: 0 not at all, 3 exactly. */
function fit({ type }: Accept, mediaType: string): number {
  const range = type.toLowerCase();
  if (range === mediaType) return 3;
  if (range === `${mediaType.split("/")[0]}/*`) return 2;
  return range === "*/*" ? 1 : 0;
}

/**
 * The media type that a client wants most among those there are, the first of equals; undefined where it wants none. The
 * range that fits a type best decides about it. (RFC 9110, section 12.5.1.)
 */
export function preferred<T extends string>(ranges: readonly Accept[], types: readonly T[]): T | undefined {
  const quality = (type: T): number => {
    const best = ranges.reduce<Accept | undefined>(
      (best, range) => (fit(range, type) > (best ? fit(best, type) : 0) ? range : best),
      undefined,
    );
    return best?.q ?? 0;
  };
  const wanted = types.map((type) => ({ type, q: quality(type) })).filter(({ q }) => q > 0);
  return wanted.toSorted((a, b) => b.q - a.q)[0]?.type;
}
