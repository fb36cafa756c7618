import { type ClassReport, labelledPixels } from "../data/check/class-tally.ts";
import type { DataReport } from "../data/check/examine.node.ts";
import type { Finding } from "../data/check/findings.ts";
import { listsWith } from "../data/check/pairs.ts";
import { percent, weightText } from "../data/check/text.ts";
import { sizeText } from "../data/image.ts";
import type { Advice, SizeAdvice } from "../train/size-advice.ts";

/** Places of one kind of finding that are listed for people; `--json` and the report have all, or more. */
const shown = 5;

/** A finding for people: what, where, and what to do. */
export function findingLines({ severity, title, places, remedy }: Finding): string[] {
  const more = places.length > shown ? [`  … and ${places.length - shown} more`] : [];
  return [
    `${severity}: ${title}${places.length > 1 ? `: ${places.length}` : ""}`,
    ...places.slice(0, shown).map(({ file, detail }) => `  ${file}${detail === "" ? "" : `: ${detail}`}`),
    ...more,
    `  → ${remedy}`,
  ];
}

/** The classes as a table: shares of the labelled pixels and pictures of all lists, objects, and weights. */
export function classLines({ classes, pictures, classWeights }: DataReport): string[] {
  const lists = listsWith(pictures);
  const totals = labelledPixels(classes);
  const row = (each: ClassReport): string[] => {
    const { name, isVoid, objects, id } = each;
    return [
      name,
      ...lists.map((side) => (isVoid ? "void" : percent(each[side].pixels, totals[side]))),
      ...lists.map((side) => percent(each[side].pictures, pictures[side])),
      isVoid ? "" : String(objects?.count ?? 0),
      isVoid || objects === null ? "" : `${objects.small}–${objects.median}–${objects.large}`,
      classWeights && !isVoid ? weightText(classWeights[id]!) : "",
    ];
  };
  const others = lists.slice(1).map((side) => `of ${side}`);
  const head = ["class", "pixels", ...others, "pictures", ...others, "objects", "area 10–50–90 %", "weight"];
  return aligned([head, ...classes.map(row)]);
}

/** Sizes of the pictures, and what to train with. */
export function adviceLines({ sizes, classWeights }: DataReport, advice: Advice | null): string[] {
  const few = sizes.slice(0, shown).map((size) => `${sizeText(size)} (${size.count})`);
  const more = sizes.length > shown ? `, and ${sizes.length - shown} more` : "";
  const option = ({ size, batchSize, reason }: SizeAdvice): string =>
    `--size ${size.join("x")} --bs ${batchSize} (${reason})`;
  return [
    `sizes: ${few.join(", ") || "none"}${more}`,
    advice ? `to begin with: ${option(advice.first)}` : "no size to train at fits into memory",
    ...(advice?.largest ? [`for the best score: ${option(advice.largest)}`] : []),
    ...(classWeights ? [`against rare classes: --class-weights ${classWeights.map(weightText).join(",")}`] : []),
  ];
}

/** Rows of a table with the columns at one width, the first to the left. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "),
  );
}
