import type { Batch } from "../data/batch.ts";
import { encodeModel, type GraphProto } from "../onnx/schema.ts";
import { ConfigError } from "../util/errors.ts";
import { defaultOpset, irVersionOf } from "./opset.ts";
import type { ProgramLoader } from "./program-loader.ts";
import { pixelValues } from "./network.ts";
import { observed, quantisedValues, type Range, rangeNames } from "./quantize.ts";

/** Normalised pictures, as a loader gives them. */
export type Pictures = AsyncIterable<Pick<Batch, "images" | "n" | "height" | "width">>;

/** Pictures that ranges are measured on, at most: more change little. */
export const mostPictures = 64;

/**
 * Runs a network over the first pictures, all of one size, and gives the range of every value that is to be quantised: the mean over
 * the pictures of the least and the greatest number, so that a single picture does not coarsen all others. Throws a
 * ConfigError where there are none.
 */
export async function calibrate(
  network: GraphProto,
  pictures: Pictures,
  loader: ProgramLoader,
): Promise<ReadonlyMap<string, Range>> {
  const values = quantisedValues(network);
  const model = encodeModel({
    ...{ irVersion: irVersionOf(defaultOpset), producerName: "segkit" },
    opsetImport: [{ domain: "", version: defaultOpset }],
    graph: observed(network, values),
  });
  const sums = new Map(values.map((value) => [value, [0, 0] as [number, number]]));
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
        const found = await program.run({ [pixelValues]: images.slice(i * one, (i + 1) * one) });
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
  return new Map([...sums].map(([value, [least, greatest]]) => [value, [least / count, greatest / count]]));
}
