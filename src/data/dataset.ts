import type { Palette } from "./palette.ts";

/** One picture with its mask. */
export interface Item {
  /** The file's path below the images folder, without its extension: unique in a dataset. */
  readonly id: string;
  /** Path of the picture. */
  readonly image: string;
  /** Path of the mask, a PNG of class ids. */
  readonly mask: string;
}

/** Pictures with masks, split into a training and a validation list. */
export interface SegmentationDataset {
  /** The absolute folder everything lies in. */
  readonly root: string;
  /** Class names; the position is the id. */
  readonly classes: readonly string[];
  readonly train: readonly Item[];
  readonly valid: readonly Item[];
  /** The id of the class that stands for "not labelled", or null. */
  readonly voidIndex: number | null;
  /** One colour per class. */
  readonly palette: Palette;
  /** What a user should know about how the folder was read, one sentence each. */
  readonly notes: readonly string[];
}

/** The two lists of a dataset, by name. */
export const splits = ["train", "valid"] as const;
export type Split = (typeof splits)[number];
