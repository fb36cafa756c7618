import type { IdMask, RgbImage, Size } from "../../data/image.ts";
import { overlay } from "../../data/overlay.ts";
import type { ModelSpec } from "../model-spec.ts";

/** A class as far as it is in a picture. */
export interface FoundClass {
  /** Its number in masks. */
  readonly id: number;
  /** Its name. */
  readonly name: string;
  /** Red, green and blue, 0–255. */
  readonly color: readonly [number, number, number];
  /** Its share of the picture's pixels, 0 to 1. */
  readonly share: number;
  /** The mean probability of the class over its pixels, 0 to 1; null for a model that gives ids alone. */
  readonly confidence: number | null;
}

/** What a model sees in a picture, at the picture's own size. */
export interface Segmentation extends IdMask {
  /** The classes that are there, those with most pixels first. */
  readonly classes: readonly FoundClass[];
  /** Softmax over the classes, float32 [classes, height, width], where asked for. */
  readonly probabilities?: Float32Array;
  /** The picture with the classes' colours over it, where asked for. */
  readonly overlay?: RgbImage;
}

/** Gathers a segmentation row by row. */
export class SegmentationRows {
  readonly data: Uint8Array;
  readonly probabilities: Float32Array | undefined;
  readonly #spec: ModelSpec;
  readonly #size: Size;
  readonly #counts: Float64Array;
  readonly #sums: Float64Array;

  constructor(spec: ModelSpec, { height, width }: Size, withProbabilities: boolean) {
    const [classes, pixels] = [spec.names.length, height * width];
    [this.#spec, this.#size] = [spec, { height, width }];
    this.data = new Uint8Array(pixels);
    this.probabilities = withProbabilities ? new Float32Array(classes * pixels) : undefined;
    [this.#counts, this.#sums] = [new Float64Array(classes), new Float64Array(classes)];
  }

  /** Takes row y of probabilities, [classes, width]; the first of equal classes wins. */
  add(y: number, shares: Float32Array, ids: Uint8Array = bestOf(shares, this.#size.width)): void {
    const { height, width } = this.#size;
    this.data.set(ids, y * width);
    for (const [x, id] of ids.entries()) {
      this.#counts[id]! += 1;
      this.#sums[id]! += shares[id * width + x]!;
    }
    if (this.probabilities)
      for (let c = 0; c < this.#spec.names.length; c++)
        this.probabilities.set(shares.subarray(c * width, (c + 1) * width), (c * height + y) * width);
  }

  /** @param certain whether probabilities were told. */
  result(image: RgbImage | null, alpha: number | undefined, certain = true): Segmentation {
    const { names, colors } = this.#spec;
    const pixels = this.data.length;
    const classes = names.map((name, id): FoundClass => {
      const count = this.#counts[id]!;
      const confidence = certain ? this.#sums[id]! / count : null;
      return { id, name, color: colors[id]!, share: count / pixels, confidence };
    });
    const mask: IdMask = { data: this.data, ...this.#size };
    return {
      ...mask,
      classes: classes.filter(({ share }) => share > 0).toSorted((a, b) => b.share - a.share),
      ...(this.probabilities && { probabilities: this.probabilities }),
      ...(image && alpha !== undefined && { overlay: overlay(image, mask, colors, alpha) }),
    };
  }
}

/** The best class of every pixel of scores [classes, width]. */
export function bestOf(scores: Float32Array, width: number): Uint8Array {
  const ids = new Uint8Array(width);
  for (let c = 1, best = scores.slice(0, width); c * width < scores.length; c++)
    for (let x = 0; x < width; x++)
      if (scores[c * width + x]! > best[x]!) {
        best[x] = scores[c * width + x]!;
        ids[x] = c;
      }
  return ids;
}
