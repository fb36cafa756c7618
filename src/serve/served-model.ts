import type { IdMask, RgbImage } from "../data/image.ts";
import type { Palette } from "../data/palette.ts";

/** A model as the server sees it, whatever file it came from. */
export interface ServedModel {
  /** Names of the classes, by id. */
  readonly classes: readonly string[];
  /** A colour of each class. */
  readonly palette: Palette;
  /** The size of the pictures it was trained on. */
  readonly size: readonly [height: number, width: number];
  /** The class of every pixel of a picture, at the picture's size. */
  predict(image: RgbImage): Promise<IdMask>;
  /** Gives its memory back. */
  release(): Promise<void>;
}

/** Opens a model; once more where it died. */
export type OpenModel = () => Promise<ServedModel>;
