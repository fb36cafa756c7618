/** The first of the greatest of `classes` numbers, the first one at `from` and each `step` behind the one before. */
export function bestClass(logits: ArrayLike<number | bigint>, from: number, classes: number, step: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++) if (logits[from + c * step]! > logits[from + best * step]!) best = c;
  return best;
}
