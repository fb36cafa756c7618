import type { MaskOptions } from "../mask-options.ts";
import type { Size } from "../image.ts";
import type { Found } from "./findings.ts";
import type { Look } from "./look.ts";
import type { NamedFile } from "./pairs.ts";

/** What is looked at. */
export interface Inspected {
  readonly image: NamedFile;
  readonly mask: NamedFile | null;
}

/** How masks are read. */
export interface InspectOptions {
  readonly masks?: MaskOptions | undefined;
}

/** What is known of a sound image once it was read: plain data of a bounded size. */
export interface ImageFacts extends Size {
  /** Names its size and pixels: pictures saved in other files or formats without loss have the same. */
  readonly content: string;
  readonly look: Look;
}

/** What is known of a mask that could be read. */
export interface MaskFacts {
  /** Digest of its class ids. */
  readonly content: string;
  /** Class ids that occur and how many pixels have each: id, pixels, id, pixels, … */
  readonly pixels: Float64Array;
  /** Objects by class and size: id, bin of areas, number of objects, id, … */
  readonly objects: Uint32Array;
}

/** A pair once it was read. */
export interface Inspection {
  /** What is wrong with the pair by itself. */
  readonly found: readonly Found[];
  /** Null where the image cannot be used. */
  readonly image: ImageFacts | null;
  /** Null where there is no mask or it cannot be used. */
  readonly mask: MaskFacts | null;
}
