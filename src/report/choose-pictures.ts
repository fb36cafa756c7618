import type { PictureScore } from "../train/confusion-sums.ts";
import type { Rank } from "./run-report.ts";

/** A picture and why it is shown. */
export interface Chosen {
  readonly rank: Rank;
  readonly score: PictureScore;
}

/**
 * The pictures with the lowest, the middle and the highest losses, `each` of them but of few a third, none of them twice:
 * the best first, and the worst of all last. Pictures without a loss are left out.
 * @param top how many of the worst, the top losses; as many as of the others where left out.
 */
export function choosePictures(pictures: readonly PictureScore[], each = 3, top?: number): Chosen[] {
  const sorted = pictures
    .filter(({ loss }) => Number.isFinite(loss))
    .toSorted((a, b) => a.loss - b.loss || a.index - b.index);
  const n = sorted.length;
  const count = Math.min(each, Math.max(Math.floor(n / 3), 1));
  const worst = Math.max(n - (top ?? count), count);
  const middle = Math.max(Math.floor((n - count) / 2), count);
  const ranked = (rank: Rank, from: number, to: number): Chosen[] =>
    sorted.slice(Math.min(from, n), Math.min(to, n)).map((score) => ({ rank, score }));
  return [
    ...ranked("best", 0, count),
    ...ranked("median", middle, Math.min(middle + count, Math.max(worst, middle))),
    ...ranked("worst", worst, n),
  ];
}
