import { describe, expect, test } from "vitest";
import { Random } from "../util/random.ts";
import {
  ResizePlans,
  denormalize,
  drawTransforms,
  flipHorizontal,
  imagenetStats,
  normalize,
  prepareImage,
  writeSample,
} from "./transform.ts";
import type { SampleSpec } from "./transform.ts";

const size = { height: 4, width: 6 };
const image = { ...size, data: Uint8Array.from({ length: 72 }, (_, i) => (i * 53) % 256) };
const mask = { ...size, data: Uint8Array.from({ length: 24 }, (_, i) => i % 5) };

function sample(spec: SampleSpec, seed = 1) {
  const [height, width] = spec.size;
  const target = {
    images: new Float32Array(3 * height * width),
    imageOffset: 0,
    masks: new Int32Array(height * width),
    maskOffset: 0,
  };
  writeSample(target, image, mask, spec, new Random(seed), new ResizePlans());
  return target;
}

describe("flipHorizontal", () => {
  test("p = 1 mirrors image and mask together, p = 0 neither", () => {
    const plain = sample({ size: [4, 6], transforms: [flipHorizontal(0)], stats: imagenetStats });
    const flipped = sample({ size: [4, 6], transforms: [flipHorizontal(1)], stats: imagenetStats });
    expect([...plain.masks]).toEqual([...mask.data]);
    for (let y = 0; y < 12; y++) {
      const row = [...plain.images.subarray(6 * y, 6 * y + 6)];
      expect([...flipped.images.subarray(6 * y, 6 * y + 6)]).toEqual(row.toReversed());
    }
    for (let y = 0; y < 4; y++) {
      const row = [...plain.masks.subarray(6 * y, 6 * y + 6)];
      expect([...flipped.masks.subarray(6 * y, 6 * y + 6)]).toEqual(row.toReversed());
    }
    const twice = sample({ size: [4, 6], transforms: [flipHorizontal(1), flipHorizontal(1)], stats: imagenetStats });
    expect(twice).toEqual(plain);
  });

  test("p = 0.5 mirrors about half, decided by the random numbers alone", () => {
    const draws = (seed: number) =>
      Array.from({ length: 400 }, (_, i) => drawTransforms([flipHorizontal()], new Random(seed).split(i)).mirror);
    expect(draws(3)).toEqual(draws(3));
    const mirrored = draws(3).filter(Boolean).length;
    expect(mirrored).toBeGreaterThan(150);
    expect(mirrored).toBeLessThan(250);
  });
});

test("normalize is (v/255 − mean)/std per channel, and denormalize its inverse", () => {
  const planes = normalize(image, imagenetStats);
  expect(planes[0]).toBeCloseTo((0 - 0.485) / 0.229, 6);
  expect(planes[24]).toBeCloseTo((53 / 255 - 0.456) / 0.224, 6);
  expect(planes[48]).toBeCloseTo((106 / 255 - 0.406) / 0.225, 6);
  expect(denormalize(planes, size, imagenetStats)).toEqual(image);
  expect([...denormalize(Float32Array.of(99, -99, 0), { height: 1, width: 1 }, imagenetStats).data]).toEqual([
    255, 0, 104,
  ]);
});

test("prepareImage is a sample's image without random transforms", () => {
  const spec: SampleSpec = { size: [3, 3], transforms: [], stats: imagenetStats };
  expect(prepareImage(image, spec)).toEqual(sample(spec).images);
});

test("plans are remembered per pair of sizes", () => {
  const plans = new ResizePlans();
  expect(plans.get(size, [3, 3])).toBe(plans.get({ height: 4, width: 6 }, [3, 3]));
  expect(plans.get(size, [3, 3])).not.toBe(plans.get(size, [3, 4]));
});
