import type { Size } from "../../data/image.ts";
import { averageTaps, bilinearTaps, type Taps } from "../../data/taps.ts";

/** Logits of one look at a picture: [classes, height, width], of its mirror image if `flip`. */
export interface Look extends Size {
  readonly logits: Float32Array;
  readonly flip: boolean;
  /** How much it counts among all looks; their weights add up to 1. */
  readonly weight: number;
}

/**
 * Goes down a picture row by row: the logits of every look are resized to the picture's size, corners on corners, and
 * `onRow` gets scores [classes, width] in an array that is used again: the logits themselves where there is one look, unless
 * `probable`; else the weighted mean of the looks' softmax.
 */
export function eachRow(
  looks: readonly Look[],
  classes: number,
  size: Size,
  onRow: (y: number, scores: Float32Array) => void,
  probable = looks.length > 1,
): void {
  const [scores, resized] = [new Float32Array(classes * size.width), new Float32Array(classes * size.width)];
  const ready = looks.map((look) => ({
    look,
    rows: tapsOf(look.height, size.height),
    columns: tapsOf(look.width, size.width),
    between: new Float32Array(look.width),
  }));
  for (let y = 0; y < size.height; y++) {
    scores.fill(0);
    for (const { look, rows, columns, between } of ready) {
      const target = probable ? resized : scores;
      for (let c = 0; c < classes; c++) {
        mixRow(between, look, c, rows, y);
        mixColumns(target, c * size.width, between, columns, look.flip);
      }
      if (probable) addSoftmax(scores, resized, classes, size.width, look.weight);
    }
    onRow(y, scores);
  }
}

/** Corners on corners; what has the length already stays as it is: averages over one number are that number. */
function tapsOf(from: number, to: number): Taps {
  return from === to ? averageTaps(from, to) : bilinearTaps(from, to);
}

function mixRow(row: Float32Array, { logits, height, width }: Look, c: number, taps: Taps, y: number): void {
  row.fill(0);
  for (let k = 0; k < taps.width; k++) {
    const weight = taps.weights[y * taps.width + k]!;
    const from = (c * height + taps.starts[y]! + k) * width;
    if (weight !== 0) for (let x = 0; x < width; x++) row[x]! += weight * logits[from + x]!;
  }
}

function mixColumns(out: Float32Array, at: number, row: Float32Array, taps: Taps, flip: boolean): void {
  const { length } = taps.starts;
  for (let x = 0; x < length; x++) {
    let sum = 0;
    for (let k = 0; k < taps.width; k++) sum += taps.weights[x * taps.width + k]! * row[taps.starts[x]! + k]!;
    out[at + (flip ? length - 1 - x : x)] = sum;
  }
}

function addSoftmax(sum: Float32Array, logits: Float32Array, classes: number, pixels: number, weight: number): void {
  softmaxInPlace(logits, classes, pixels);
  for (let i = 0; i < sum.length; i++) sum[i]! += weight * logits[i]!;
}

/** Softmax over the classes of scores [classes, pixels]. */
export function softmaxInPlace(scores: Float32Array, classes: number, pixels: number): void {
  for (let x = 0; x < pixels; x++) {
    let [most, total] = [-Infinity, 0];
    for (let c = 0; c < classes; c++) most = Math.max(most, scores[c * pixels + x]!);
    for (let c = 0; c < classes; c++) total += scores[c * pixels + x] = Math.exp(scores[c * pixels + x]! - most);
    for (let c = 0; c < classes; c++) scores[c * pixels + x]! /= total;
  }
}
