import type { MaskOptions } from "./mask-options.ts";
import type { Palette } from "./palette.ts";

/** One picture, with its mask where it is labelled. */
export interface Picture {
  /** The file's path below the images folder, without its extension: unique in a dataset. */
  readonly id: string;
  /** Path of the picture. */
  readonly image: string;
  /** Path of the mask. */
  readonly mask?: string;
}

/** One picture with its mask. */
export interface Item extends Picture {
  /** Path of the mask, a picture whose pixels give class ids. */
  readonly mask: string;
}

/** How the channels of a picture are read: as colours, or as its brightness in all three. */
export type ConvertMode = "RGB" | "L";

/** How files become pictures and masks: plain data, the same for every file of a dataset. */
export interface ReadOptions {
  /** How pixels of the masks become class ids; as they are stored where left out. */
  readonly masks?: MaskOptions;
  /** "RGB" where left out. */
  readonly convertMode?: ConvertMode;
}

/** Pictures with masks, split into a training and a validation list. */
export interface SegmentationDataset extends ReadOptions {
  /** The absolute folder everything lies in. */
  readonly root: string;
  /** Class names; the position is the id. */
  readonly classes: readonly string[];
  /** The pictures to train on. */
  readonly train: readonly Item[];
  /** The pictures to validate on. */
  readonly valid: readonly Item[];
  /** Pictures to test or predict on, with masks or without. */
  readonly test?: readonly Picture[];
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
