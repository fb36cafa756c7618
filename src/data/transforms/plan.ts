import type { Size } from "../image.ts";
import { sameSize } from "../image.ts";
import { aspectCorrected } from "./affine.ts";
import { chain } from "./flow.ts";
import type { Flow, Jitter } from "./flow.ts";
import type { Interpolation } from "./grid-sample.ts";
import { composeTones } from "./lighting.ts";
import type { Tone } from "./lighting.ts";
import { identity, isIdentity, multiply } from "./matrix.ts";
import type { Matrix } from "./matrix.ts";
import type { Paint } from "./paint.ts";
import { defaultResizeMethod, resizedSize, targetSize } from "./sizes.ts";
import type { ResizeMethod, SizeLike } from "./sizes.ts";
import { crop, flipColumns, flipRows, gridRange, pad, transpose, viewSize, wholeView } from "./view.ts";
import type { PaddingMode, View } from "./view.ts";

/** How transforms are applied, apart from the transforms themselves: plain data. (fastai 1.0 `apply_tfms`.) */
export interface ApplyOptions {
  /** The size of the result; null or left out: that of the picture. */
  readonly size?: SizeLike | null;
  /** Where left out: "crop" for a size that is one number, "squish" for height and width. */
  readonly resizeMethod?: ResizeMethod;
  /** What lies outside the picture; "reflection" where left out. */
  readonly paddingMode?: PaddingMode;
  /** Rounds height and width of `size` to multiples; they stay where left out. */
  readonly mult?: number;
  /** How images are read between pixels, "bilinear" where left out; masks always take the nearest. */
  readonly mode?: Interpolation;
  /** The class of what "zeros" adds around masks; 0 where left out. */
  readonly padClass?: number;
}

/** A step before all others: the resized picture is padded, and sampling begins anew from the result. */
export interface PaddingStep {
  readonly resized: Size;
  readonly view: View;
}

/** All that is done to one picture and its mask, worked out in advance: one resampling, then where each pixel goes. */
export interface Plan {
  readonly paddings: readonly PaddingStep[];
  /** The size of what is sampled: the picture after its paddings. */
  readonly from: Size;
  /** The size it is resized to before views cut and turn it. */
  readonly grid: Size;
  /** Where the grid reads the picture; null for a plain resize. */
  readonly flow: Flow | null;
  readonly tone: Tone | null;
  readonly view: View;
  readonly paints: readonly Paint[];
  readonly paddingMode: PaddingMode;
  readonly mode: Interpolation;
  readonly padClass: number;
  /** The size of the result. */
  readonly size: Size;
}

/** Collects what transforms do, in order: paddings, then warps, affine maps, tones, and last what moves whole pixels. */
export class PlanBuilder {
  readonly #options: ApplyOptions;
  readonly #method: ResizeMethod;
  readonly #target: Size;
  readonly #paddings: PaddingStep[] = [];
  #from: Size;
  #grid: Size;
  readonly #warps: (Matrix | Jitter)[] = [];
  #affine = identity;
  #tone: Tone | null = null;
  #view: View | null = null;
  readonly #paints: Paint[] = [];

  constructor(from: Size, options: ApplyOptions) {
    const { size = null, resizeMethod = defaultResizeMethod(size), mult } = options;
    this.#options = options;
    this.#from = { height: from.height, width: from.width };
    this.#method = resizeMethod;
    this.#target = size === null ? this.#from : targetSize(size, mult);
    this.#grid = size === null ? this.#from : resizedSize(from, this.#target, resizeMethod);
  }

  /** The picture's width divided by its height, as it is sampled. */
  get aspect(): number {
    return this.#grid.width / this.#grid.height;
  }

  /** Moves every position of the grid; those before it move first. */
  warp(step: Matrix | Jitter): void {
    this.#warps.push(step);
  }

  /** Multiplies onto the affine maps so far; it moves positions before they do. */
  affine(matrix: Matrix): void {
    this.#affine = multiply(this.#affine, matrix);
  }

  light(tone: Tone): void {
    this.#tone = this.#tone === null ? tone : composeTones(this.#tone, tone);
  }

  flipColumns(): void {
    this.#view = flipColumns(this.#seen);
  }

  flipRows(): void {
    this.#view = flipRows(this.#seen);
  }

  transpose(): void {
    this.#view = transpose(this.#seen);
  }

  crop(size: Size, rowPct: number, colPct: number): void {
    this.#view = crop(this.#seen, size, rowPct, colPct);
  }

  /** Pads and crops to the size asked for; a squished or untouched size is left as it is. */
  cropPad(rowPct: number, colPct: number, paddingMode: PaddingMode): void {
    if (this.#method !== "crop" && this.#method !== "pad") return;
    const target = this.#target;
    const seen = viewSize(this.#seen);
    if (sameSize(seen, target)) return;
    const missing = (wanted: number, length: number) => Math.max(Math.floor((wanted - length + 1) / 2), 0);
    const mode = this.#options.paddingMode ?? paddingMode;
    const [vertical, horizontal] = [missing(target.height, seen.height), missing(target.width, seen.width)];
    this.#view = crop(pad(this.#seen, vertical, horizontal, mode), target, rowPct, colPct);
  }

  /** Pads all four sides of the resized picture, before it is warped. */
  pad(padding: number, mode: PaddingMode): void {
    const view = pad(wholeView(this.#grid), padding, padding, mode);
    this.#paddings.push({ resized: this.#grid, view });
    this.#from = viewSize(view);
    this.#grid = this.#from;
  }

  /** Blackens a rectangle of what is seen; rows and columns from the first to before the last. */
  hole(rows: readonly [number, number], columns: readonly [number, number], maskClass: number | null): void {
    const range = gridRange(this.#seen, rows, columns);
    if (range !== null) this.#paints.push({ ...range, maskClass });
  }

  /** Replaces a channel by noise from 0 to `most`. */
  noise(channel: number, most: number, seed: number): void {
    this.#paints.push({ channel, most, seed });
  }

  /** The size of what is seen so far. */
  get seenSize(): Size {
    return viewSize(this.#seen);
  }

  get #seen(): View {
    return this.#view ?? wholeView(this.#grid);
  }

  build(): Plan {
    const { paddingMode = "reflection", mode = "bilinear", padClass = 0 } = this.#options;
    const grid = this.#grid;
    const affine = isIdentity(this.#affine) ? [] : [aspectCorrected(this.#affine, grid.height, grid.width)];
    const view = this.#seen;
    return {
      paddings: this.#paddings,
      from: this.#from,
      grid,
      flow: chain(grid, [...this.#warps, ...affine]),
      tone: this.#tone,
      view,
      paints: this.#paints,
      ...{ paddingMode, mode, padClass },
      size: viewSize(view),
    };
  }
}
