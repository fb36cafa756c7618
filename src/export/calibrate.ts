import type { Batch } from "../data/batch.ts";
import { encodeModel, type GraphProto } from "../onnx/schema.ts";
import { ConfigError } from "../util/errors.ts";
import { defaultOpset, irVersionOf } from "./opset.ts";
import type { ProgramLoader } from "./program-loader.ts";
import { pixelValues } from "./network.ts";
import { observed, quantisedValues, type Range, rangeNames } from "./quantize.ts";

/** Normalised pictures, as a loader gives them. */
export type Pictures = AsyncIterable<Picture>;
type Picture = Pick<Batch, "images" | "n" | "height" | "width">;

/** Pictures that ranges are measured on, at most: more change little. */
export const mostPictures = 64;

/** What calibrating found. */
export interface Calibration {
  /** The range of every value that is to be quantised. */
  readonly ranges: ReadonlyMap<string, Range>;
  /** The first pictures, to compare networks on. */
  readonly pictures: readonly Picture[];
}

/** How many those are, at most. */
const mostKept = 8;

/**
 * Runs a network over the first pictures, all of one size, and gives the range of every value that is to be quantised: the mean over
 * the pictures of the least and the greatest number, so that a single picture does not coarsen all others. Throws a
 * ConfigError where there are none.
 */
export async function calibrate(network: GraphProto, pictures: Pictures, loader: ProgramLoader): Promise<Calibration> {
  const values = quantisedValues(network);
  const model = encodeModel({
    ...{ irVersion: irVersionOf(defaultOpset), producerName: "segkit" },
    opsetImport: [{ domain: "", version: defaultOpset }],
    graph: observed(network, values),
  });
  const sums = new Map(values.map((value) => [value, [0, 0] as [number, number]]));
  const kept: Picture[] = [];
  let count = 0;
  let program: Awaited<ReturnType<ProgramLoader["load"]>> | undefined;
  try {
    for await (const { images, n, height, width } of pictures) {
      const one = 3 * height * width;
      program ??= await loader.load({
        model,
        inputs: { [pixelValues]: { shape: [1, 3, height, width], dtype: "float32" } },
        outputs: Object.fromEntries(values.flatMap(rangeNames).map((name) => [name, { shape: [], dtype: "float32" }])),
        constants: { files: {}, layout: "blocked" },
      });
      for (let i = 0; i < n && count < mostPictures; i++, count++) {
        const picture = images.slice(i * one, (i + 1) * one);
        if (kept.length < mostKept) kept.push({ images: picture.slice(), n: 1, height, width });
        const found = await program.run({ [pixelValues]: picture });
        for (const [value, sum] of sums)
          for (const at of [0, 1] as const) sum[at] += Number(found[rangeNames(value)[at]]![0]);
      }
      if (count >= mostPictures) break;
    }
  } finally {
    await program?.release();
  }
  if (count === 0)
    throw new ConfigError("export: int8 needs pictures to measure the network's values on, but received none", {
      hint: "Give pictures of the kind that it was trained on.",
    });
  const ranges = [...sums].map(([value, [least, greatest]]) => [value, [least / count, greatest / count]] as const);
  return { ranges: new Map(ranges), pictures: kept };
}
