import { ConfigError } from "../util/errors.ts";
import type { MaskBatch, MaskMetric } from "./metric.ts";

export interface BoundaryIouOptions {
  /** Width of the boundary as a share of the picture's diagonal, above 0; default 0.02. At least one pixel wide. */
  readonly dilationRatio?: number;
}

/**
 * Mean over the classes of the boundary IoU, in [0, 1] (Cheng et al. 2021): the IoU of the pixels within a distance of
 * the edge of their region, in rows or columns, the picture's border being an edge. Pixels are added up over all
 * pictures before dividing. Pixels whose truth is void or no class belong to no region. Throws a ConfigError for a
 * ratio not above 0.
 * @example const metric = boundaryIou({ dilationRatio: 0.02 });
 */
export function boundaryIou({ dilationRatio = 0.02 }: BoundaryIouOptions = {}): MaskMetric {
  if (!(dilationRatio > 0 && dilationRatio < Infinity))
    throw new ConfigError(`boundaryIou: dilationRatio: expected a number above 0, but received ${dilationRatio}`);
  return {
    title: "boundary_iou",
    better: "higher",
    accumulate: ({ classes, voidIndex }) => {
      const both = new Float64Array(classes);
      const either = new Float64Array(classes);
      return {
        add: (batch) => {
          const width = Math.max(1, Math.round(dilationRatio * Math.hypot(batch.height, batch.width)));
          for (let i = 0; i < batch.n; i++) {
            const { truth, predicted } = regions(batch, i, classes, voidIndex);
            const edges = [truth, predicted].map((ids) => boundary(ids, batch.height, batch.width, width));
            for (const [at, t] of truth.entries()) {
              const p = predicted[at]!;
              const [onTrue, onPredicted] = [edges[0]![at] === 1 && t >= 0, edges[1]![at] === 1 && p >= 0];
              if (onTrue) either[t]! += 1;
              if (onPredicted) either[p]! += 1;
              if (onTrue && onPredicted && t === p) {
                both[t]! += 1;
                either[t]! -= 1;
              }
            }
          }
        },
        value: () => {
          const present = Array.from(either.keys()).filter((c) => either[c]! > 0);
          return present.reduce((sum, c) => sum + both[c]! / either[c]!, 0) / present.length;
        },
      };
    },
  };
}

/** The class ids of picture i, −1 where a pixel belongs to no region. */
function regions({ predictions, truth, height, width }: MaskBatch, i: number, classes: number, none: number | null) {
  const pixels = height * width;
  const at = i * pixels;
  const isRegion = (id: number): boolean => id !== none && id >= 0 && id < classes;
  const trueIds = Int32Array.from(truth.subarray(at, at + pixels), (id) => (isRegion(id) ? id : -1));
  const predictedIds = trueIds.map((id, j) => (id >= 0 && isRegion(predictions[at + j]!) ? predictions[at + j]! : -1));
  return { truth: trueIds, predicted: predictedIds };
}

/**
 * 1 for each pixel that has another class, or the outside, within `reach` rows and columns: what eroding every region
 * with a square of 2·reach + 1 pixels takes away. In two passes: rows that are one class for `reach` on both sides,
 * then columns of such pixels.
 */
function boundary(ids: Int32Array, height: number, width: number, reach: number): Uint8Array {
  const all = new Uint8Array(ids.length).fill(1);
  const across = inside(ids, all, { lines: height, line: width, length: width, step: 1 }, reach);
  const both = inside(ids, across, { lines: width, line: 1, length: height, step: width }, reach);
  return both.map((flag) => 1 - flag);
}

/** Where the pixels of a line begin (line i at i · `line`), how many they are, and how far one is from the next. */
interface Lines {
  readonly lines: number;
  readonly line: number;
  readonly length: number;
  readonly step: number;
}

/** 1 for each pixel whose line holds `reach` pixels of its class on both sides, all of them marked in `among`. */
function inside(
  ids: Int32Array,
  among: Uint8Array,
  { lines, line, length, step }: Lines,
  reach: number,
): Uint8Array<ArrayBuffer> {
  const marks = new Uint8Array(ids.length);
  for (let i = 0; i < lines; i++) {
    let run = 0;
    for (let j = 0; j < length; j++) {
      const at = i * line + j * step;
      if (among[at] === 0) run = 0;
      else run = run > 0 && ids[at] === ids[at - step] ? run + 1 : 1;
      // A run of 2·reach + 1 pixels has its middle pixel inside.
      if (run > 2 * reach) marks[at - reach * step] = 1;
    }
  }
  return marks;
}
