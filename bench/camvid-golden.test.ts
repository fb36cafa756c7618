// Decoding and validation transforms against fastai's numbers for one CamVid picture. The picture is not segkit's to
// carry, so it comes from outside:
//
//   SEGKIT_GOLDEN=FOLDER npx vitest run --config bench/vitest.config.ts
//
// FOLDER holds camvid_decode_resize.json, camvid_0016E5_07959.png and camvid_0016E5_07959_annot.png.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decodeImage, decodeMask } from "../src/data/decode.node.ts";
import { transformImage, transformMask } from "../src/data/transforms/apply.ts";
import { drawTransforms } from "../src/data/transforms/draw.ts";
import { getTransforms } from "../src/data/transforms/get-transforms.ts";
import { imagenetStats } from "../src/data/transforms/normalize.ts";
import { prepareImage } from "../src/data/transforms/sample.ts";
import type { SizeLike } from "../src/data/transforms/sizes.ts";
import { Random } from "../src/util/random.ts";

const folder = process.env.SEGKIT_GOLDEN;
if (folder === undefined) throw new Error("camvid-golden: name the folder of the numbers in SEGKIT_GOLDEN");
const file = (name: string): string => join(folder, name);
const read = async <T>(name: string): Promise<T> => JSON.parse(await readFile(file(`${name}.json`), "utf8")) as T;

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  expect(Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)))).toBeLessThan(tolerance);
}

describe("a CamVid picture through decoding, the transforms of validation and normalisation", async () => {
  interface Result {
    readonly size_arg: SizeLike;
    readonly method: "CROP" | "SQUISH";
    readonly out_hw: readonly [number, number];
    readonly points_yx: readonly (readonly [number, number])[];
    readonly image: readonly (readonly number[])[];
    readonly channel_mean: readonly number[];
    readonly normalized_channel_mean: readonly number[];
    readonly normalized_first_pixel: readonly number[];
    readonly mask: readonly number[];
    readonly mask_hist: readonly number[];
  }
  const golden = await read<{ readonly valid_transform: readonly Result[] }>("camvid_decode_resize");
  const image = await decodeImage(file("camvid_0016E5_07959.png"));
  const mask = await decodeMask(file("camvid_0016E5_07959_annot.png"));

  test.each(golden.valid_transform.map((result) => [JSON.stringify(result.size_arg), result] as const))(
    "%s",
    (_, expected) => {
      const options = { size: expected.size_arg };
      const resolved = drawTransforms(getTransforms()[1], new Random(0));
      const small = transformImage(image, resolved, options);
      const ids = transformMask(mask, resolved, options);
      const normalized = prepareImage(image, { ...options, stats: imagenetStats }, resolved);
      expect([small.height, small.width]).toEqual(expected.out_hw);
      const pixels = small.height * small.width;
      const mean = (planes: Float32Array, c: number) =>
        planes.subarray(c * pixels, (c + 1) * pixels).reduce((sum, value) => sum + value, 0) / pixels;
      expectClose(
        [0, 1, 2].map((c) => mean(small.data, c)),
        expected.channel_mean,
        1e-5,
      );
      expectClose(
        [0, 1, 2].map((c) => mean(normalized, c)),
        expected.normalized_channel_mean,
        1e-5,
      );
      expectClose(
        [0, 1, 2].map((c) => normalized[c * pixels]!),
        expected.normalized_first_pixel,
        1e-5,
      );
      for (const [i, [y, x]] of expected.points_yx.entries()) {
        const at = y * small.width + x;
        expectClose(
          [0, 1, 2].map((c) => small.data[c * pixels + at]!),
          expected.image[i]!,
          1e-5,
        );
        expect(ids.data[at]).toBe(expected.mask[i]);
      }
      const histogram = expected.mask_hist.map((_, id) => ids.data.filter((value) => value === id).length);
      expect(histogram).toEqual(expected.mask_hist);
    },
  );
});
