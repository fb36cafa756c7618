// What earlier cases have shown: who is too slow for large cases, and which variants of a peer are not its best.
import { type Case, caseLine } from "./cases.ts";
import type { Result } from "./measure.ts";
import type { Participant } from "./participants.ts";
import { showSeconds } from "./report.ts";

/** A variant that was this much slower than the best of its family has no part in later cases of the kind. */
const beaten = 1.3;

const pixelsOf = ({ batch, size }: Case): number => batch * size[0] * size[1];
const quickest = ({ seconds }: Result): number => Math.min(...seconds);

export class Standings {
  readonly #secondsOfPixel = new Map<string, number>();
  readonly #beaten = new Map<string, string>();

  /** Why a participant is not run on a case; undefined where it is. */
  bar(about: Case, { name, at }: Participant): string | undefined {
    if (about.own || about.small) return undefined;
    const key = `${about.kind} ${name}`;
    if (at !== "small") return this.#beaten.get(key);
    const known = this.#secondsOfPixel.get(key);
    return known === undefined
      ? "not run: see the small case"
      : `not run: about ${showSeconds(known * pixelsOf(about))} s, by the pixels of the small case`;
  }

  remember(about: Case, results: readonly Result[]): void {
    for (const result of results) {
      if (result.seconds.length === 0) continue;
      const key = `${about.kind} ${result.name}`;
      if (about.small) this.#secondsOfPixel.set(key, quickest(result) / pixelsOf(about));
      else {
        const family = results.filter(({ family, seconds }) => family === result.family && seconds.length > 0);
        const ratio = quickest(result) / Math.min(...family.map(quickest));
        if (ratio > beaten) this.#beaten.set(key, `not run: ${ratio.toFixed(2)} times the best in ${caseLine(about)}`);
      }
    }
  }
}
