import { ConfigError } from "../util/errors.ts";
import { maxClasses, voidIndexOf } from "./codes.ts";
import type { Palette } from "./palette.ts";

/**
 * How the pixels of masks become class ids, as plain data: it crosses threads and is saved with a model. A stored number
 * is looked up in `colours` (if given), divided by `div`, then replaced by `valueMap`.
 */
export interface MaskOptions {
  /** Divides: true by 255, for masks of 0 and 255; the result is rounded (fastai's `open_mask(div=True)`). */
  readonly div?: boolean | number;
  /** Ids to take the place of others, such as `{ 255: 11 }`; what is not named stays. */
  readonly valueMap?: Readonly<Record<number, number>>;
  /** For masks drawn in colours: the colour of every class, in the order of the classes. Others are errors. */
  readonly colours?: Palette;
  /**
   * The id of pixels that are not labelled. Where it is a class, that is the dataset's void class; where it is beyond
   * the classes (255, say), losses and metrics leave those pixels out by themselves.
   */
  readonly ignoreIndex?: number;
}

/** The class id of every stored number 0–255; null where they are the same. Throws a ConfigError for ids out of 0–255. */
export function maskTable(options: MaskOptions | undefined): Uint8Array | null {
  if (options === undefined) return null;
  const by = divisor(options);
  const map = options.valueMap ?? {};
  for (const [from, to] of Object.entries(map)) {
    requireId("valueMap", Number(from));
    requireId("valueMap", to);
  }
  if (options.ignoreIndex !== undefined) requireId("ignoreIndex", options.ignoreIndex);
  const table = Uint8Array.from({ length: maxClasses }, (_, value) => {
    const id = Math.round(value / by);
    return map[id] ?? id;
  });
  return table.every((id, value) => id === value) ? null : table;
}

/** What stored numbers are divided by. Throws a ConfigError unless it is above 0. */
export function divisor({ div = false }: MaskOptions): number {
  const by = div === true ? 255 : div === false ? 1 : div;
  if (by > 0 && by <= 255) return by;
  throw new ConfigError(`masks: div: expected true or a number from 1 to 255, but received ${String(div)}`);
}

/** The id beyond the classes that pixels without a label have, if there is one. */
export function ignoredId(options: MaskOptions | undefined, classes: number): number | null {
  const index = options?.ignoreIndex;
  return index !== undefined && index >= classes ? index : null;
}

/** The id of the class that stands for "not labelled": the ignored one, or the one called void; null for none. */
export function voidOf(classes: readonly string[], options: MaskOptions | undefined): number | null {
  const index = options?.ignoreIndex;
  return index !== undefined && index < classes.length ? index : voidIndexOf(classes);
}

/** Puts class ids in the place of stored numbers. */
export function applyTable(values: Uint8Array, table: Uint8Array | null): void {
  if (table !== null) for (let i = 0; i < values.length; i++) values[i] = table[values[i]!]!;
}

function requireId(name: string, id: number): void {
  if (Number.isInteger(id) && id >= 0 && id < maxClasses) return;
  throw new ConfigError(`masks: ${name}: expected whole numbers from 0 to 255, but received ${id}`);
}
