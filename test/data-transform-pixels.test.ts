import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import * as t from "../src/data/transforms/builders.ts";
import { RowSampler } from "../src/data/kernels/row-sampler.ts";
import { transformImage, transformMask } from "../src/data/transforms/apply.ts";
import { drawTransforms, planTransforms } from "../src/data/transforms/draw.ts";
import { unitStats } from "../src/data/transforms/normalize.ts";
import { ResizePlans, renderImage, renderMask } from "../src/data/transforms/render.ts";
import type { ResolvedTransform } from "../src/data/transforms/table.ts";
import type { ApplyOptions } from "../src/data/transforms/plan.ts";
import type { TransformSpec } from "../src/data/transforms/table.ts";
import { Random } from "../src/util/random.ts";

interface Case {
  readonly out_hw: readonly [number, number];
  readonly image_channel0: readonly (readonly number[])[];
  readonly mask: readonly (readonly number[])[];
}

async function readGolden<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(new URL(`golden/${name}.json`, import.meta.url), "utf8")) as T;
}

const golden = await readGolden<{
  readonly cases: Readonly<Record<string, Case>>;
  readonly area_preshrink: { readonly size: readonly [number, number]; readonly image_channel0: readonly number[][] };
}>("transform_pixels");
/** Stored results of fastai, and more of an independent program. */
const stored = { ...golden.cases, ...(await readGolden<typeof golden>("transform_pixels_more")).cases };

const [height, width] = [6, 8];
const image = { height, width, data: Float32Array.from({ length: 144 }, (_, i) => ((i * 37) % 101) / 100) };
const mask = { height, width, data: Uint8Array.from({ length: 48 }, (_, i) => (i * 7) % 12) };

const z = t.zoom({ scale: 1.1, rowPct: 0.2, colPct: 0.9 });
const r = t.rotate({ degrees: 10 });
const s = t.symmetricWarp({ magnitude: [0.1, -0.2, 0.05, 0.15] });
const light = [t.brightness({ change: 0.55 }), t.contrast({ scale: 1.2 })];
const train = [t.cropPad({ rowPct: 0.3, colPct: 0.8 }), t.flipLr(), s, r, z, ...light];
const valid = [t.cropPad()];

/** What fastai was given for each of its results. */
const cases: Readonly<Record<string, readonly [readonly TransformSpec[], ApplyOptions]>> = {
  "rotate 10, reflection": [[r], {}],
  "rotate 10, zeros": [[r], { paddingMode: "zeros" }],
  "rotate 10, border": [[r], { paddingMode: "border" }],
  "zoom 1.1 row_pct 0.2 col_pct 0.9": [[z], {}],
  "zoom 0.73 (zoom out, reflection)": [[t.zoom({ scale: 0.73 })], {}],
  "zoom 0.4 (reflects more than once)": [[t.zoom({ scale: 0.4 })], {}],
  "squish 0.8": [[t.squish({ scale: 0.8, rowPct: 0.3, colPct: 0.6 })], {}],
  "symmetric_warp [.1,-.2,.05,.15]": [[s], {}],
  flip_lr: [[t.flipLr()], {}],
  flip_affine: [[t.flipAffine()], {}],
  "dihedral k=5": [[t.dihedral({ k: 5 })], {}],
  "dihedral_affine k=5": [[t.dihedralAffine({ k: 5 })], {}],
  "warp+rotate+zoom together": [[z, r, s], {}],
  "same params, transforms listed in rotate,zoom order": [[r, z, s], {}],
  "full train set fixed: crop_pad(0.3,0.8) flip warp rotate zoom brightness .55 contrast 1.2, size 4 (CROP)": [
    train,
    { size: 4 },
  ],
  "same but size (4,5): listy -> SQUISH": [train, { size: [4, 5] }],
  "valid tfms [crop_pad()], size 4, CROP": [valid, { size: 4, resizeMethod: "crop" }],
  "valid tfms [crop_pad()], size 4, PAD": [valid, { size: 4, resizeMethod: "pad" }],
  "valid tfms [crop_pad()], size 4, SQUISH": [valid, { size: 4, resizeMethod: "squish" }],
  "valid tfms [crop_pad()], size 4, NO": [valid, { size: 4, resizeMethod: "no" }],
  "valid tfms, size (9,12) upscale SQUISH": [valid, { size: [9, 12] }],
  "valid tfms, size (12,10) CROP": [valid, { size: [12, 10], resizeMethod: "crop" }],
  "valid tfms, size (7,10) PAD reflection": [valid, { size: [7, 10], resizeMethod: "pad" }],
  "valid tfms, size (7,10) PAD zeros": [valid, { size: [7, 10], resizeMethod: "pad", paddingMode: "zeros" }],
  "valid tfms, size (2,2) CROP (downscale >2x: area pre-shrink for image, none for mask)": [
    valid,
    { size: [2, 2], resizeMethod: "crop" },
  ],
  "valid tfms, size (2,3) SQUISH": [valid, { size: [2, 3] }],
  "pad 2 then crop 6 (0.5,0.5)": [[t.pad(2), t.crop(6)], {}],
};

test("every stored result has its case here", () => {
  expect(Object.keys(stored).toSorted()).toEqual(Object.keys(cases).toSorted());
});

describe("transforms give fastai's pixels and classes", () => {
  test.each(Object.entries(cases))("%s", (name, [transforms, options]) => {
    const expected = stored[name]!;
    const resolved = drawTransforms(transforms, new Random(0));
    const changed = transformImage(image, resolved, options);
    const ids = transformMask(mask, resolved, options);
    expect([changed.height, changed.width]).toEqual(expected.out_hw);
    expect([ids.height, ids.width]).toEqual(expected.out_hw);
    const error = expected.image_channel0.flat().map((value, i) => Math.abs(changed.data[i]! - value));
    expect(Math.max(...error)).toBeLessThan(2e-5);
    expect([...ids.data]).toEqual(expected.mask.flat());
  });
});

/** What `transformImage` and `transformMask` do, by the SIMD code of the loaders. */
function bySimd(resolved: readonly ResolvedTransform[], options: ApplyOptions) {
  const plan = planTransforms(image, resolved, options);
  const plans = new ResizePlans(RowSampler.create());
  const pixels = plan.size.height * plan.size.width;
  const [data, ids] = [new Float32Array(3 * pixels), new Int32Array(pixels)];
  const mixed = Float32Array.from(image.data, (_, i) => image.data[(i % 3) * height * width + Math.floor(i / 3)]!);
  renderImage(data, 0, { height, width, data: mixed, white: 1 }, plan, unitStats, plans);
  renderMask(ids, 0, mask, plan, plans);
  return { data, ids };
}

describe("SIMD code gives them as well", () => {
  test.each(Object.entries(cases))("%s", (name, [transforms, options]) => {
    const expected = stored[name]!;
    const { data, ids } = bySimd(drawTransforms(transforms, new Random(0)), options);
    const error = expected.image_channel0.flat().map((value, i) => Math.abs(data[i]! - value));
    expect(Math.max(...error)).toBeLessThan(2e-5);
    expect([...ids]).toEqual(expected.mask.flat());
  });
});

test("shrinking 5× and 4.67× averages over areas first, with a warp as without", () => {
  const { size, image_channel0: expected } = golden.area_preshrink;
  const data = Float32Array.from({ length: 3 * 40 * 56 }, (_, j) => hashUniform(j, 21));
  const source = { height: 40, width: 56, data };
  const still = drawTransforms([t.rotate({ degrees: 1e-9 })], new Random(0)); // takes the general way
  for (const resolved of [[], still]) {
    const { data: shrunk } = transformImage(source, resolved, { size });
    const error = expected.flat().map((value, i) => Math.abs(shrunk[i]! - value));
    expect(error.length).toBe(size[0] * size[1]);
    expect(Math.max(...error)).toBeLessThan(2e-5);
  }
});

/** The golden files' input values (their `fill_spec`). */
function hashUniform(j: number, k: number): number {
  let h = (Math.imul(j, 2654435761) + Math.imul(k + 1, 2246822519)) >>> 0;
  h = Math.imul(h ^ (h >>> 15), 2246822519) >>> 0;
  h = Math.imul(h ^ (h >>> 13), 3266489917) >>> 0;
  return ((h ^ (h >>> 16)) >>> 0) / 0x1_0000_0000;
}
