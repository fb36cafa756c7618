import { withoutImageExtension } from "../image.ts";
import { differenceBetween, type Look, nearDifference } from "./look.ts";

/** A picture whose name ends in a number. */
export interface Frame {
  /** Its position among all pictures. */
  readonly picture: number;
  readonly number: number;
}

/** Pictures that are frames of one film: names with a common beginning and running numbers, neighbours alike. */
export interface Sequence {
  /** What the names have in common. */
  readonly name: string;
  /** In the order of their numbers. */
  readonly frames: readonly Frame[];
}

/** Fewer pictures say nothing about whether neighbours are alike. */
const fewest = 8;
/** Neighbours differ by less than this share of what pictures far apart in the same sequence differ by. */
const alike = 0.75;
/** No more pairs of a sequence are compared. */
const compared = 400;
/** A step between numbers that is so many times the steps around it is a gap. */
const gap = 8;
/** Steps on either side that a gap is measured by. */
const around = 5;

/**
 * The sequences among some pictures. A common name alone makes none, for independent pictures are numbered too: in a
 * sequence, neighbours must differ clearly less than pictures half a sequence apart. A gap in the numbers across which
 * the pictures are not alike either parts two sequences.
 * @param names paths with forward slashes.
 * @param looks null for a picture that cannot be read, which belongs to no sequence.
 */
export function findSequences(names: readonly string[], looks: readonly (Look | null)[]): Sequence[] {
  const groups = new Map<string, Frame[]>();
  for (const [picture, name] of names.entries()) {
    const parts = looks[picture] ? numbered(name) : null;
    if (parts === null) continue;
    const group = groups.get(parts.name);
    if (group === undefined) groups.set(parts.name, [{ picture, number: parts.number }]);
    else group.push({ picture, number: parts.number });
  }
  return [...groups].flatMap(([name, unsorted]): Sequence[] => {
    const frames = unsorted.toSorted((a, b) => a.number - b.number);
    // A number that occurs twice, as of copies in another folder, says nothing about neighbours.
    const judged = frames.filter(({ number }, i) => number !== frames[i - 1]?.number);
    if (judged.length < fewest) return [];
    const limit = alikeBelow(judged.map(({ picture }) => looks[picture]!));
    return limit === null ? [] : partsOf(frames, looks, limit).map((part) => ({ name, frames: part }));
  });
}

/** Folders that say which side a picture is on, or that it is one; they part no sequence. */
const sideFolders = new Set(["train", "training", "valid", "val", "validation", "test", "images", "image"]);

/** A name's beginning and its last number: "drive/cam1_0042" is frame 42 of "drive/cam1_". */
function numbered(name: string): { name: string; number: number } | null {
  const parts = withoutImageExtension(name).split("/");
  const folders = parts.slice(0, -1).filter((part) => !sideFolders.has(part.toLowerCase()));
  const [, before, digits, after] = /^(.*?)(\d{1,15})(\D*)$/.exec(parts.at(-1)!) ?? [];
  if (digits === undefined) return null;
  return { name: [...folders, before + (after ? `…${after}` : "")].join("/"), number: Number(digits) };
}

/**
 * What pictures must differ by less than to be neighbours, if pictures in this order change gradually; null where they do
 * not.
 */
function alikeBelow(looks: readonly Look[]): number | null {
  const step = Math.max(Math.floor(looks.length / compared), 1);
  const far = Math.floor(looks.length / 2);
  const differences = (apart: number): number[] =>
    Array.from({ length: Math.floor((looks.length - apart + step - 1) / step) }, (_, i) =>
      differenceBetween(looks[i * step]!, looks[i * step + apart]!),
    );
  const limit = Math.max(alike * median(differences(far)), nearDifference);
  return median(differences(1)) < limit ? limit : null;
}

/** Frames parted where a gap in their numbers is one in the film too. */
function partsOf(frames: readonly Frame[], looks: readonly (Look | null)[], limit: number): Frame[][] {
  const steps = frames.slice(1).map(({ number }, i) => number - frames[i]!.number);
  const usual = (from: number, to: number): number => median(steps.slice(Math.max(from, 0), to));
  const lookOf = (i: number): Look => looks[frames[i]!.picture]!;
  const isGap = (i: number): boolean =>
    steps[i]! > gap * Math.max(usual(i - around, i), usual(i + 1, i + 1 + around), 1) &&
    differenceBetween(lookOf(i), lookOf(i + 1)) >= limit;
  const parts: Frame[][] = [[frames[0]!]];
  for (const i of steps.keys()) {
    if (isGap(i)) parts.push([]);
    parts.at(-1)!.push(frames[i + 1]!);
  }
  return parts;
}

/** 0 of none. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
