import { ShapeError } from "../util/errors.ts";

/** Samples of one size, side by side. */
export interface Batch {
  /** n × 3 × height × width, normalised. */
  readonly images: Float32Array;
  /** n × height × width class ids; zeros for pictures without masks. */
  readonly masks: Int32Array;
  readonly n: number;
  readonly height: number;
  readonly width: number;
  /** The ids of the items, in order. */
  readonly ids: readonly string[];
  /** False where a picture has no mask; true where left out. */
  readonly labelled?: boolean;
}

/** One sample: image 3 × height × width, mask height × width. */
export interface Sample {
  readonly id: string;
  readonly image: Float32Array;
  readonly mask: Int32Array;
  readonly height: number;
  readonly width: number;
}

/** A batch of zeros with room for samples named `ids`, or for `n` whose names are not known yet. */
export function emptyBatch(ids: readonly string[], height: number, width: number, n = ids.length): Batch {
  const pixels = n * height * width;
  return { images: new Float32Array(3 * pixels), masks: new Int32Array(pixels), n, height, width, ids };
}

/**
 * Copies samples into one batch.
 * @throws ShapeError for samples of different sizes, naming them.
 */
export function collate(samples: readonly Sample[]): Batch {
  const [first] = samples;
  if (first === undefined) throw new ShapeError("collate: expected at least one sample, but received none");
  const { height, width } = first;
  const batch = emptyBatch(
    samples.map((sample) => sample.id),
    height,
    width,
  );
  for (const [i, sample] of samples.entries()) {
    if (sample.height !== height || sample.width !== width) {
      const sizes = `"${first.id}" is ${height}×${width} and "${sample.id}" ${sample.height}×${sample.width}`;
      throw new ShapeError(`collate: expected samples of one size (height×width), but ${sizes}`, {
        hint: "Resize all pictures to one size.",
      });
    }
    batch.images.set(sample.image, i * 3 * height * width);
    batch.masks.set(sample.mask, i * height * width);
  }
  return batch;
}
