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

/**
 * The sequences among some pictures. A common name alone makes none, for independent pictures are numbered too: in a
 * sequence, neighbours must differ clearly less than pictures half a sequence apart.
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
  return [...groups]
    .map(([name, frames]): Sequence => ({ name, frames: frames.toSorted((a, b) => a.number - b.number) }))
    .filter(({ frames }) => frames.length >= fewest && isFilm(frames.map(({ picture }) => looks[picture]!)));
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

/** Whether pictures in this order change gradually. */
function isFilm(looks: readonly Look[]): boolean {
  const step = Math.max(Math.floor(looks.length / compared), 1);
  const far = Math.floor(looks.length / 2);
  const differences = (apart: number): number[] =>
    Array.from({ length: Math.floor((looks.length - apart + step - 1) / step) }, (_, i) =>
      differenceBetween(looks[i * step]!, looks[i * step + apart]!),
    );
  const near = median(differences(1));
  return near <= nearDifference || near < alike * median(differences(far));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
