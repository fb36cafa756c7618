/** How classes of pixels compare with those that logits give. */
export interface ClassComparison {
  readonly pixels: number;
  /** Pixels of another class than the best one. */
  readonly differing: number;
  /** Those of them whose class is as good as the best one, but for rounding. */
  readonly ties: number;
}

/**
 * Compares the classes of pixels with the best of logits [classes, pixels]. Another class is a tie where its logit is less below
 * the best one than `tolerance` of the largest of all.
 */
export function compareClasses(
  logits: Float32Array,
  classes: number,
  ids: ArrayLike<number>,
  tolerance = 1e-4,
): ClassComparison {
  const pixels = logits.length / classes;
  if (ids.length !== pixels) throw new Error(`expected ${pixels} ids, but received ${ids.length}`);
  const largest = logits.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let [differing, ties] = [0, 0];
  for (let at = 0; at < pixels; at++) {
    let best = 0;
    for (let c = 1; c < classes; c++) if (logits[c * pixels + at]! > logits[best * pixels + at]!) best = c;
    if (ids[at] === best) continue;
    differing++;
    const below = logits[best * pixels + at]! - (logits[ids[at]! * pixels + at] ?? -Infinity);
    if (below <= tolerance * largest) ties++;
  }
  return { pixels, differing, ties };
}

/** The share of pixels of the same class, ties aside. */
export function agreementOf({ pixels, differing, ties }: ClassComparison): number {
  return 1 - (differing - ties) / (pixels - ties);
}
