/** What became of an item: a result, or what was thrown. */
export type Outcome<T, R> =
  | { readonly item: T; readonly ok: true; readonly result: R }
  | { readonly item: T; readonly ok: false; readonly error: unknown };

/**
 * Works on items in their order, on at most `limit` at a time, and gives what became of each in that order too: one that
 * fails does not keep the others from being worked on. Nothing more is begun while a result waits to be taken.
 */
export async function* workAhead<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  work: (item: T) => Promise<R>,
  limit: number,
): AsyncGenerator<Outcome<T, R>, void, void> {
  const begun: Promise<Outcome<T, R>>[] = [];
  const settle = async (item: T): Promise<Outcome<T, R>> => {
    try {
      return { item, ok: true, result: await work(item) };
    } catch (error) {
      return { item, ok: false, error };
    }
  };
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  try {
    for (let next = await source.next(); ;) {
      for (; !next.done && begun.length < limit; next = await source.next()) begun.push(settle(next.value));
      const first = begun.shift();
      if (!first) return;
      yield await first;
    }
  } finally {
    await source.return?.();
  }
}
