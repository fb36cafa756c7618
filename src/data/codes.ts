import { DataError } from "../util/errors.ts";

/** Masks hold one byte per pixel. */
export const maxClasses = 256;

const voidNames = new Set(["void", "unlabelled", "unlabeled", "ignore"]);

/**
 * Class names from the text of a `codes.txt`: one per line, the first line names id 0. A byte-order mark, CRLF and
 * blank lines at the end are fine.
 * @param name what error messages call the file.
 * @throws DataError for an empty list, a blank line between names, a name given twice, one class or more than 256.
 */
export function parseCodes(text: string, name = "codes.txt"): string[] {
  if (text.includes("\0")) {
    throw new DataError(`data: ${name} is not UTF-8 text`, { hint: "Save it as UTF-8, one class name per line." });
  }
  const lines = text
    .replace(/^\uFEFF/, "")
    .trimEnd()
    .split(/\r\n|\n|\r/);
  const classes = lines.map((line) => line.trim());
  if (classes.length === 1 && classes[0] === "") {
    throw new DataError(`data: ${name} is empty`, { hint: "Write one class name per line; the first names id 0." });
  }
  requireNames(classes, name);
  return classes;
}

/** The id of the class called void, unlabelled, unlabeled or ignore (in any case), or null. */
export function voidIndexOf(classes: readonly string[]): number | null {
  const index = classes.findIndex((name) => voidNames.has(name.toLowerCase()));
  return index < 0 ? null : index;
}

/** Throws a DataError unless there are 2 to 256 names, none of them blank or given twice. */
export function requireNames(classes: readonly string[], name: string): void {
  const seen = new Map<string, number>();
  for (const [i, className] of classes.entries()) {
    if (className === "") {
      throw new DataError(`data: line ${i + 1} of ${name} is blank, so the id of every class after it is in doubt`, {
        hint: "Remove the line, or name the class with that id.",
      });
    }
    const first = seen.get(className);
    if (first !== undefined) {
      throw new DataError(`data: ${name} names class "${className}" twice (lines ${first + 1} and ${i + 1})`, {
        hint: "Give every id its own name.",
      });
    }
    seen.set(className, i);
  }
  if (classes.length === 1) {
    throw new DataError(`data: ${name} names one class, but segmentation needs at least two`, {
      hint: "Name the background as well, in the order of the ids in the masks.",
    });
  }
  if (classes.length > maxClasses) {
    throw new DataError(`data: ${name} names ${classes.length} classes, but a mask can hold ${maxClasses} ids`, {
      hint: "Merge classes until at most 256 are left.",
    });
  }
}
