import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { planResize, resizeImageInto, resizeMaskInto } from "../src/data/resample.ts";

interface Case {
  readonly out_hw: readonly [number, number];
  readonly image_channel0: readonly (readonly number[])[];
  readonly mask: readonly (readonly number[])[];
}

const golden = JSON.parse(await readFile(new URL("golden/transform_pixels.json", import.meta.url), "utf8")) as {
  readonly cases: Readonly<Record<string, Case>>;
  readonly area_preshrink: { readonly size: readonly [number, number]; readonly image_channel0: readonly number[][] };
};

/** fastai's resizes without anything else; values are hundredths in the file, bytes here (0–100). */
const image = { height: 6, width: 8, data: new Uint8Array(6 * 8 * 3) };
for (let i = 0; i < 48; i++) for (let c = 0; c < 3; c++) image.data[3 * i + c] = ((c * 48 + i) * 37) % 101;
const mask = { height: 6, width: 8, data: Uint8Array.from({ length: 48 }, (_, i) => (i * 7) % 12) };
const hundredth = { scale: [0.01, 0.01, 0.01], shift: [0, 0, 0] } as const;

describe("resizing gives fastai's pixels", () => {
  test.each([
    "valid tfms [crop_pad()], size 4, NO",
    "valid tfms, size (9,12) upscale SQUISH",
    "valid tfms, size (2,3) SQUISH",
    "flip_lr",
  ])("%s", (name) => {
    const expected = golden.cases[name]!;
    const [height, width] = expected.out_hw;
    const plan = planResize(image, { height, width });
    const out = new Float32Array(3 * height * width);
    const ids = new Int32Array(height * width);
    resizeImageInto(out, 0, image, plan, hundredth, name === "flip_lr");
    resizeMaskInto(ids, 0, mask, plan, name === "flip_lr");
    const error = expected.image_channel0.flat().map((value, i) => Math.abs(out[i]! - value));
    expect(Math.max(...error)).toBeLessThan(2e-5);
    expect([...ids]).toEqual(expected.mask.flat());
  });
});

test("shrinking 5× and 4.67× averages over areas first, as fastai does", () => {
  const { size, image_channel0: expected } = golden.area_preshrink;
  const [height, width] = size;
  // The input is not made of bytes; the resize is linear and does not mind.
  const data = new Float32Array(40 * 56 * 3);
  for (let i = 0; i < 40 * 56; i++) for (let c = 0; c < 3; c++) data[3 * i + c] = hashUniform(c * 40 * 56 + i, 21);
  const source = { height: 40, width: 56, data: data as unknown as Uint8Array };
  const out = new Float32Array(3 * height * width);
  const unscaled = { scale: [1, 1, 1], shift: [0, 0, 0] } as const;
  resizeImageInto(out, 0, source, planResize(source, { height, width }), unscaled);
  const error = expected.flat().map((value, i) => Math.abs(out[i]! - value));
  expect(error.length).toBe(height * width);
  expect(Math.max(...error)).toBeLessThan(2e-5);
});

/** The golden files' input values (their `fill_spec`). */
function hashUniform(j: number, k: number): number {
  let h = (Math.imul(j, 2654435761) + Math.imul(k + 1, 2246822519)) >>> 0;
  h = Math.imul(h ^ (h >>> 15), 2246822519) >>> 0;
  h = Math.imul(h ^ (h >>> 13), 3266489917) >>> 0;
  return ((h ^ (h >>> 16)) >>> 0) / 0x1_0000_0000;
}
