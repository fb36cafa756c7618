import { distance } from "fastest-levenshtein";

/** The known word that one was probably meant to be; undefined where none is like it. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known.map((candidate) => ({ candidate, far: distance(word, candidate) }));
  const [best] = ranked.toSorted((a, b) => a.far - b.far);
  return best && best.far <= Math.max(1, Math.min(3, Math.floor(word.length / 2))) ? best.candidate : undefined;
}
