import type { RgbImage, Size } from "../../src/data/image.ts";
import { pngOfRows } from "../../src/data/png-rows.node.ts";
import { drawStreet } from "../../src/data/streets/streets.ts";
import { Random } from "../../src/util/random.ts";

const tile = 160;
const kinds = 24;

/** A picture of any size that is never whole in memory: street scenes beside and below each other, in an order drawn by place. */
export class Mosaic implements Size {
  readonly height: number;
  readonly width: number;
  readonly #scenes: readonly Uint8Array[];
  readonly #random: Random;

  constructor({ height, width }: Size, seed: number) {
    [this.height, this.width] = [height, width];
    this.#random = new Random(seed);
    this.#scenes = Array.from(
      { length: kinds },
      (_, i) => drawStreet(this.#random.split("scene", i), { height: tile, width: tile }).image,
    );
  }

  /** The rectangle from a pixel on. */
  part(top: number, left: number, { height, width }: Size): RgbImage {
    const data = new Uint8Array(3 * height * width);
    for (let x = left; x < left + width;) {
      const count = Math.min(tile - (x % tile), left + width - x);
      for (let y = top; y < top + height; y++) {
        const from = 3 * ((y % tile) * tile + (x % tile));
        const scene = this.#sceneAt(Math.floor(y / tile), Math.floor(x / tile));
        data.set(scene.subarray(from, from + 3 * count), 3 * ((y - top) * width + x - left));
      }
      x += count;
    }
    return { data, height, width };
  }

  /** The bytes of a PNG of it, from top to bottom. */
  png(): AsyncGenerator<Uint8Array, void, void> {
    return pngOfRows(this, this.#strips());
  }

  async *#strips(): AsyncGenerator<Uint8Array, void, void> {
    for (let top = 0; top < this.height; top += tile)
      yield this.part(top, 0, { height: Math.min(tile, this.height - top), width: this.width }).data;
  }

  #sceneAt(row: number, column: number): Uint8Array {
    // A hash of the place: far cheaper than a generator for each of many million rows.
    const hash = Math.imul(Math.imul(row + 1, 0x9e3779b1) ^ (column + 1), 0x85ebca6b) >>> 8;
    return this.#scenes[hash % kinds]!;
  }
}
