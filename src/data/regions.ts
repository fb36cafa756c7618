import type { IdMask } from "./image.ts";

/** Corners of a closed line along pixel edges: x, y, x, y … in pixels, the first corner not repeated. */
export type Ring = readonly number[];

/** Pixels of one class that touch along edges. */
export interface Region {
  /** The class of its pixels. */
  readonly classId: number;
  /** Pixels. */
  readonly area: number;
  /**
   * Its outline, then its holes. They run along pixel edges and no ring touches itself. By their coordinates (x to the
   * right, y down) the outline is counter-clockwise, that is of positive area, and holes are clockwise.
   */
  readonly rings: readonly Ring[];
}

/**
 * The regions of a mask with their exact outlines, by their first pixel row by row: filling them gives back the mask.
 * Pixels that touch at a corner alone are two regions.
 * @example const roads = regionsOf(mask).filter(({ classId }) => classId === 3);
 */
export function regionsOf(mask: IdMask): Region[] {
  const grid = labelled(mask);
  const { labels, stride, regions } = grid;
  const seen = new Uint8Array(labels.length);
  for (let corner = stride; corner < labels.length - stride; corner++) {
    const label = labels[corner]!;
    // The top edge of a pixel, of a ring that was not walked yet: the first one of a region is its outline.
    if (label < 0 || seen[corner] || labels[corner - stride] === label) continue;
    regions[label]!.rings.push(ringFrom(corner, grid, seen));
  }
  return regions;
}

/** The number of every pixel's region, in a grid with a border of −1 around it. */
interface LabelGrid {
  readonly labels: Int32Array;
  readonly stride: number;
  readonly regions: { readonly classId: number; area: number; readonly rings: Ring[] }[];
}

function labelled({ data, height, width }: IdMask): LabelGrid {
  const stride = width + 2;
  const labels = new Int32Array(stride * (height + 2)).fill(-1);
  const parents: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [i, at] = [y * width + x, (y + 1) * stride + x + 1];
      const left = x > 0 && data[i - 1] === data[i] ? labels[at - 1]! : -1;
      const above = y > 0 && data[i - width] === data[i] ? labels[at - stride]! : -1;
      if (left < 0 && above < 0) parents.push(parents.length);
      else if (left >= 0 && above >= 0 && left !== above) join(parents, left, above);
      labels[at] = left >= 0 ? left : above >= 0 ? above : parents.length - 1;
    }
  return numbered({ data, height, width }, labels, stride, parents);
}

/** Gives the regions their numbers in the order of their first pixels, and counts their pixels. */
function numbered({ data, height, width }: IdMask, labels: Int32Array, stride: number, parents: number[]): LabelGrid {
  const numbers = new Int32Array(parents.length).fill(-1);
  const regions: LabelGrid["regions"] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y + 1) * stride + x + 1;
      const root = rootOf(parents, labels[at]!);
      if (numbers[root]! < 0) numbers[root] = regions.push({ classId: data[y * width + x]!, area: 0, rings: [] }) - 1;
      labels[at] = numbers[root]!;
      regions[labels[at]]!.area++;
    }
  return { labels, stride, regions };
}

function join(parents: number[], a: number, b: number): void {
  const [first, second] = [rootOf(parents, a), rootOf(parents, b)];
  parents[Math.max(first, second)] = Math.min(first, second);
}

function rootOf(parents: number[], label: number): number {
  let root = label;
  while (parents[root] !== root) {
    parents[root] = parents[parents[root]!]!;
    root = parents[root]!;
  }
  return root;
}

/**
 * Walks along the edges of a region, which stays at the right hand (as seen with y down), from the top left corner of a
 * pixel. Where two of its pixels meet at a corner the walk keeps to the space between them, so that no ring touches itself.
 */
function ringFrom(start: number, { labels, stride }: LabelGrid, seen: Uint8Array): Ring {
  const label = labels[start]!;
  // Right, down, left, up: a step, and the pixels ahead at the left and at the right hand. A corner's number is that of the
  // pixel below and to the right of it.
  const steps = [1, stride, -1, -stride];
  const lefts = [-stride, 0, -1, -stride - 1];
  const rights = [0, -1, -stride - 1, -stride];
  const ring: number[] = [];
  let [corner, direction] = [start, 0];
  do {
    ring.push((corner % stride) - 1, Math.floor(corner / stride) - 1);
    do {
      if (direction === 0) seen[corner] = 1;
      corner += steps[direction]!;
    } while (labels[corner + lefts[direction]!] !== label && labels[corner + rights[direction]!] === label);
    direction = (direction + (labels[corner + lefts[direction]!] === label ? 3 : 1)) % 4;
  } while (corner !== start || direction !== 0);
  return ring;
}
