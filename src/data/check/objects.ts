import type { IdMask } from "../image.ts";

/** Calls `tell` with class id and area in pixels of every object: equal ids that touch, also at corners. */
export function forEachObject({ data, height, width }: IdMask, tell: (id: number, area: number) => void): void {
  const sets = new RunSets();
  let above: Runs = { ends: [], labels: [] };
  for (let y = 0; y < height; y++) {
    const row = data.subarray(y * width, (y + 1) * width);
    above = labelRow(row, y === 0 ? null : data.subarray((y - 1) * width, y * width), above, sets);
  }
  sets.forEach(tell);
}

/** The runs of equal ids in a row: the column after each, and its label. */
interface Runs {
  readonly ends: number[];
  readonly labels: number[];
}

function labelRow(row: Uint8Array, rowAbove: Uint8Array | null, above: Runs, sets: RunSets): Runs {
  const runs: Runs = { ends: [], labels: [] };
  let candidate = 0;
  for (let start = 0, end = 0; start < row.length; start = end) {
    const id = row[start]!;
    while (end < row.length && row[end] === id) end++;
    let label = sets.add(id, end - start);
    // Runs above that end left of the pixel above the first one's left neighbour touch neither this nor a later run.
    while (candidate < above.ends.length && above.ends[candidate]! < start) candidate++;
    for (let a = candidate; rowAbove !== null && a < above.ends.length; a++) {
      const from = a === 0 ? 0 : above.ends[a - 1]!;
      if (from > end) break;
      if (rowAbove[from] === id) label = sets.join(label, above.labels[a]!);
    }
    runs.ends.push(end);
    runs.labels.push(label);
  }
  return runs;
}

/** Sets of runs that belong to one object (union-find, halving paths). */
class RunSets {
  #parent = new Int32Array(4096);
  #area = new Float64Array(4096);
  #id = new Uint8Array(4096);
  #count = 0;

  add(id: number, area: number): number {
    if (this.#count === this.#parent.length) this.#grow();
    const label = this.#count++;
    this.#parent[label] = label;
    this.#area[label] = area;
    this.#id[label] = id;
    return label;
  }

  /** Makes one set of two; returns its label. */
  join(a: number, b: number): number {
    const [rootA, rootB] = [this.#root(a), this.#root(b)];
    if (rootA === rootB) return rootA;
    const [kept, gone] = rootA < rootB ? [rootA, rootB] : [rootB, rootA];
    this.#parent[gone] = kept;
    this.#area[kept]! += this.#area[gone]!;
    return kept;
  }

  forEach(tell: (id: number, area: number) => void): void {
    for (let i = 0; i < this.#count; i++) if (this.#parent[i] === i) tell(this.#id[i]!, this.#area[i]!);
  }

  #root(label: number): number {
    let at = label;
    while (this.#parent[at] !== at) at = this.#parent[at] = this.#parent[this.#parent[at]!]!;
    return at;
  }

  #grow(): void {
    const size = 2 * this.#parent.length;
    const [parent, area, id] = [new Int32Array(size), new Float64Array(size), new Uint8Array(size)];
    parent.set(this.#parent);
    area.set(this.#area);
    id.set(this.#id);
    [this.#parent, this.#area, this.#id] = [parent, area, id];
  }
}

/** Areas fall into bins, eight for each doubling, so that memory does not grow with the number of objects. */
const binsPerDoubling = 8;
const bins = 27 * binsPerDoubling;

/** How large the objects of one class are. Areas are right to 5 %. */
export class AreaBins {
  readonly #counts = new Float64Array(bins);
  #total = 0;

  static binOf(area: number): number {
    return Math.min(Math.floor(binsPerDoubling * Math.log2(area)), bins - 1);
  }

  /** Adds objects whose area falls into a bin. */
  add(bin: number, count: number): void {
    this.#counts[bin]! += count;
    this.#total += count;
  }

  /** The number of objects. */
  get total(): number {
    return this.#total;
  }

  /** The area that a share 0–1 of the objects does not exceed; null without objects. */
  quantile(share: number): number | null {
    if (this.#total === 0) return null;
    let seen = 0;
    const bin = this.#counts.findIndex((count) => count > 0 && (seen += count) >= share * this.#total);
    return Math.round(2 ** ((bin + 0.5) / binsPerDoubling));
  }
}
