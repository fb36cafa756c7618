import type { ConfusionMatrix } from "../metrics/confusion-matrix.ts";
import { perClassDice, perClassIou } from "../metrics/overlap.ts";
import { perClassPrecision, perClassRecall } from "../metrics/precision-recall.ts";

/**
 * How well one class was predicted. Pixels whose truth is void do not count; null for void and for classes that are
 * nowhere.
 */
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
  const [iou, dice] = [perClassIou(matrix, voidIndex), perClassDice(matrix, voidIndex)];
  const [precision, recall] = [perClassPrecision(matrix, voidIndex), perClassRecall(matrix, voidIndex)];
  const ids = classes.map((_, id) => id);
  const truths = ids.map((t) => ids.reduce((sum, p) => sum + matrix.at(t, p), 0));
  const all = truths.reduce((sum, truth) => sum + truth, 0);
  const labelled = voidIndex === null ? all : all - truths[voidIndex]!;
  return classes.map((name, id): ClassResult => {
    const pixels = id === voidIndex ? all : labelled;
    const pixelShare = pixels > 0 ? truths[id]! / pixels : 0;
    return { name, iou: iou[id]!, dice: dice[id]!, precision: precision[id]!, recall: recall[id]!, pixelShare };
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
