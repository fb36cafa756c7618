import { expect, test } from "vitest";
import { Random } from "../../util/random.ts";
import { transformImage, transformMask } from "./apply.ts";
import { flipHorizontal } from "./builders.ts";
import { drawTransforms } from "./draw.ts";
import { getTransforms } from "./get-transforms.ts";
import { denormalize, imagenetStats } from "./normalize.ts";
import { ResizePlans } from "./render.ts";
import { normalize, prepareImage, writeSample } from "./sample.ts";
import type { SampleSpec } from "./sample.ts";

const size = { height: 4, width: 6 };
const image = { ...size, data: Uint8Array.from({ length: 72 }, (_, i) => (i * 53) % 256) };
const mask = { ...size, data: Uint8Array.from({ length: 24 }, (_, i) => i % 5) };

function sample(spec: SampleSpec, [height, width]: readonly [number, number] = [4, 6], seed = 1) {
  const target = {
    images: new Float32Array(3 * height * width),
    imageOffset: 0,
    masks: new Int32Array(height * width),
    maskOffset: 0,
  };
  writeSample(target, image, mask, spec, new Random(seed), new ResizePlans());
  return target;
}

const reversedRows = (values: ArrayLike<number>, width = 6) =>
  Array.from(values, (_, i) => values[i - (i % width) + width - 1 - (i % width)]!);

test("a flip mirrors image and mask together, exactly", () => {
  const flipped = (p: number) => ({ size: [4, 6], transforms: [flipHorizontal(p)], stats: imagenetStats }) as const;
  const plain = sample(flipped(0));
  expect([...plain.masks]).toEqual([...mask.data]);
  expect([...sample(flipped(1)).images]).toEqual(reversedRows(plain.images));
  expect([...sample(flipped(1)).masks]).toEqual(reversedRows(plain.masks));
  const twice = { ...flipped(1), transforms: [flipHorizontal(1), flipHorizontal(1)] };
  expect(sample(twice)).toEqual(plain);
});

test("what the loader writes is what transformImage and transformMask give, normalised", () => {
  const [transforms] = getTransforms({ pAffine: 1, pLighting: 1, maxRotate: 30 });
  for (let seed = 0; seed < 5; seed++) {
    const written = sample({ size: [5, 7], transforms, stats: imagenetStats }, [5, 7], seed);
    const resolved = drawTransforms(transforms, new Random(seed));
    const { data } = transformImage(image, resolved, { size: [5, 7] });
    for (const [i, value] of data.entries()) {
      const c = Math.floor(i / 35);
      expect(written.images[i]).toBeCloseTo((value - imagenetStats.mean[c]!) / imagenetStats.std[c]!, 5);
    }
    expect(written.masks).toEqual(transformMask(mask, resolved, { size: [5, 7] }).data);
  }
});

test("tfmY: false leaves masks as they are, if they fit", () => {
  const spec = { size: null, transforms: [flipHorizontal(1)], stats: imagenetStats, tfmY: false };
  expect([...sample(spec).masks]).toEqual([...mask.data]);
  expect(() => sample({ ...spec, size: [2, 3] }, [2, 3])).toThrowErrorMatchingInlineSnapshot(
    `[DataError: a mask of 4×6 does not fit its transformed image of 2×3]`,
  );
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

test("prepareImage is a sample's image without random transforms, or with those given", () => {
  const spec = { size: [3, 3], transforms: [], stats: imagenetStats } as const;
  expect(prepareImage(image, spec)).toEqual(sample(spec, [3, 3]).images);
  expect([...prepareImage(image, spec, [{ kind: "flipLr" }])]).toEqual(reversedRows(prepareImage(image, spec), 3));
});

test("plans are remembered per pair of sizes", () => {
  const plans = new ResizePlans();
  const small = { height: 3, width: 3 };
  expect(plans.get(size, small)).toBe(plans.get({ height: 4, width: 6 }, { ...small }));
  expect(plans.get(size, small)).not.toBe(plans.get(size, { height: 3, width: 4 }));
});
