import type { ReadOptions } from "../dataset.ts";
import type { Found } from "./findings.ts";

/** The lists that pictures can be in, the ones trained on first. */
export const sides = ["train", "valid", "test"] as const;
export type Side = (typeof sides)[number];

/** How a side is called in sentences. */
export const sideNames: Readonly<Record<Side, string>> = { train: "training", valid: "validation", test: "test" };

/** The lists that a dataset has: training and validation, and the test list where it has pictures. */
export function listsWith(pictures: Readonly<Record<Side, number>>): Side[] {
  return sides.filter((side) => side !== "test" || pictures.test > 0);
}

/** A file by its path, and as reports call it: below the dataset's folder, with forward slashes. */
export interface NamedFile {
  readonly path: string;
  readonly name: string;
}

/** A picture to be checked, with its mask if one was found. */
export interface Pair {
  readonly side: Side;
  readonly image: NamedFile;
  readonly mask: NamedFile | null;
}

/** What is to be checked, and what is wrong with it before a picture was read. */
export interface CheckedSource extends Pick<ReadOptions, "masks"> {
  /** Where it is, as given. */
  readonly name: string;
  /** Class names; null where they are unknown. */
  readonly classes: readonly string[] | null;
  /** The id of the class that stands for "not labelled", or null. */
  readonly voidIndex: number | null;
  readonly pairs: readonly Pair[];
  /** What is wrong with files and lists. */
  readonly found: readonly Found[];
  /** What should be known about how the pictures were split, one sentence each. */
  readonly notes: readonly string[];
}
