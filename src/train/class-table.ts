import type { ConfusionMatrix } from "../metrics/confusion-matrix.ts";

/** How well one class was predicted. Pixels whose truth is void do not count; null where there is nothing to divide by. */
export interface ClassResult {
  readonly name: string;
  /** Intersection over union. */
  readonly iou: number | null;
  /** 2·both / (true + predicted), also called F1. */
  readonly dice: number | null;
  /** Share of the pixels predicted as the class that are of it. */
  readonly precision: number | null;
  /** Share of the pixels of the class that are predicted as it. */
  readonly recall: number | null;
  /** Share of all labelled pixels that are of the class; of void, its share of all pixels. */
  readonly pixelShare: number;
}

/** A row for each class; the void class has only its share of the pixels. */
export function classResults(
  matrix: ConfusionMatrix,
  classes: readonly string[],
  voidIndex: number | null,
): ClassResult[] {
  const ids = classes.map((_, id) => id);
  const counted = ids.filter((id) => id !== voidIndex);
  const truths = ids.map((t) => ids.reduce((sum, p) => sum + matrix.at(t, p), 0));
  const labelled = counted.reduce((sum, t) => sum + truths[t]!, 0);
  const ratio = (part: number, all: number): number | null => (all > 0 ? part / all : null);
  return classes.map((name, id): ClassResult => {
    const truth = truths[id]!;
    if (id === voidIndex) {
      const pixelShare = ratio(truth, labelled + truth) ?? 0;
      return { name, iou: null, dice: null, precision: null, recall: null, pixelShare };
    }
    const both = matrix.at(id, id);
    const predicted = counted.reduce((sum, t) => sum + matrix.at(t, id), 0);
    return {
      name,
      iou: ratio(both, truth + predicted - both),
      dice: ratio(2 * both, truth + predicted),
      precision: ratio(both, predicted),
      recall: ratio(both, truth),
      pixelShare: ratio(truth, labelled) ?? 0,
    };
  });
}

/** The rows as text, a line each, below a line of titles. */
export function classTable(results: readonly ClassResult[]): string {
  const share = (value: number | null): string => (value === null ? "–" : value.toFixed(4));
  const rows = [
    ["class", "IoU", "Dice", "precision", "recall", "pixels"],
    ...results.map(({ name, iou, dice, precision, recall, pixelShare }) => [
      ...[name, share(iou), share(dice), share(precision), share(recall)],
      `${(pixelShare * 100).toFixed(2)} %`,
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  ");
  return rows.map(line).join("\n");
}
