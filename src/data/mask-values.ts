/** How many pixels hold each of the values 0–255. */
export type Histogram = Float64Array;

/** Counts the values of a mask. */
export function histogramOf(ids: Uint8Array): Histogram {
  // Neighbours are mostly alike, and a count waits for the last one of the same number: so each has a table of its own.
  const counts = new Uint32Array(4 * 256);
  const whole = ids.length - (ids.length % 4);
  for (let i = 0; i < whole; i += 4) {
    counts[ids[i]!]!++;
    counts[256 + ids[i + 1]!]!++;
    counts[512 + ids[i + 2]!]!++;
    counts[768 + ids[i + 3]!]!++;
  }
  for (let i = whole; i < ids.length; i++) counts[ids[i]!]!++;
  return Float64Array.from(
    { length: 256 },
    (_, id) => counts[id]! + counts[256 + id]! + counts[512 + id]! + counts[768 + id]!,
  );
}

/** The counts of class ids, where `table` has the id of every value (null: they are the same). */
export function mapHistogram(histogram: Histogram, table: Uint8Array | null): Histogram {
  if (table === null) return histogram;
  const counts = new Float64Array(256);
  for (const [value, count] of histogram.entries()) counts[table[value]!]! += count;
  return counts;
}

/** The largest value that occurs. */
export function largestValue(histogram: Histogram): number {
  return histogram.findLastIndex((count) => count > 0);
}

/** Likely reasons for values beyond the class ids. */
export type ValueCause =
  | "binary-values"
  | "ignore-value"
  | "one-based-ids"
  | "brightness-values"
  | "ids-beyond-classes";

/**
 * Why masks may hold values beyond the class ids, for each of them. What a mask's own values leave open is decided by
 * what more of the masks with values as high or higher have.
 * @param masks the values of each mask in ascending order, of which some are ≥ `classes`.
 */
export function causesOfValues(masks: readonly (readonly number[])[], classes: number): ValueCause[] {
  const possible = masks.map((values) => possibleCauses(values, classes));
  const votes = new Map<ValueCause, Float64Array>();
  for (const [i, [cause]] of possible.entries()) {
    const counts = votes.get(cause) ?? new Float64Array(256);
    votes.set(cause, counts);
    // Counted at every value that is not above the mask's largest.
    for (let value = classes; value <= masks[i]!.at(-1)!; value++) counts[value]!++;
  }
  return possible.map((causes, i) => {
    const support = (cause: ValueCause): number => votes.get(cause)?.[masks[i]!.at(-1)!] ?? 0;
    return causes.reduce((best, cause) => (support(cause) > support(best) ? cause : best));
  });
}

/** The causes that fit a mask, the likeliest first. */
function possibleCauses(values: readonly number[], classes: number): [ValueCause, ...ValueCause[]] {
  const largest = values.at(-1)!;
  if (values.every((value) => value === 0 || value === 255))
    return ["binary-values", "ignore-value", "brightness-values"];
  if (largest === 255 && (values.at(-2) ?? 0) < classes) return ["ignore-value", "brightness-values"];
  if (largest === classes && values[0] === 1) return ["one-based-ids", "ids-beyond-classes"];
  if (largest === classes && values[0]! > 1) return ["ids-beyond-classes", "one-based-ids"];
  return values.length < (largest + 1) / 2 ? ["brightness-values", "ids-beyond-classes"] : ["ids-beyond-classes"];
}

/** The cause of the first of some masks' values, and what to do about it, in one or two sentences. */
export function explainValues(
  masks: readonly (readonly number[])[],
  classes: number,
  voidIndex: number | null = null,
): string {
  const causes = causesOfValues(masks, classes);
  const [cause] = causes;
  const values = new Set(masks.filter((_, i) => causes[i] === cause).flat());
  const sorted = [...values].toSorted((a, b) => a - b);
  return explanations[cause!](sorted, classes, voidIndex);
}

type Explain = (values: readonly number[], classes: number, voidIndex: number | null) => string;

const explanations: Readonly<Record<ValueCause, Explain>> = {
  "binary-values": () =>
    "The masks hold only 0 and 255: divide them by 255 with the mask option div (--mask-div), so that the ids are 0 and 1.",
  "ignore-value": (_, classes, voidIndex) => {
    const id = voidIndex ?? `${classes}, with "Void" added as the last line of codes.txt`;
    return `255 usually marks pixels to ignore: set the mask option ignoreIndex to 255 (--ignore-index 255), or valueMap (--mask-map) to give them the id of a void class, here ${id}.`;
  },
  "one-based-ids": (values) => {
    const map = `{ ${[1, 2].map((value) => `${value}: ${value - 1}`).join(", ")}${values.at(-1)! > 2 ? ", …" : ""} }`;
    return `The ids begin at 1: subtract 1 from every value with the mask option valueMap, ${map} (--mask-map).`;
  },
  "brightness-values": (values, classes) =>
    `The masks hold ${values.length} values between ${values[0]} and ${values.at(-1)}, which looks like the brightness of ` +
    `colours: give every value the id of its class, 0–${classes - 1}, with the mask option valueMap (--mask-map).`,
  "ids-beyond-classes": (values) =>
    `The masks use ids up to ${values.at(-1)}: codes.txt needs ${values.at(-1)! + 1} names, or the masks other ids.`,
};

/** The values that occur, in ascending order. */
export function valuesIn(histogram: Histogram): number[] {
  return [...histogram.keys()].filter((value) => histogram[value]! > 0);
}
