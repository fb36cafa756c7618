import { describe, expect, test } from "vitest";
import { Random } from "../../util/random.ts";
import type { Size } from "../image.ts";
import * as t from "../transforms/builders.ts";
import { drawTransforms, planTransforms } from "../transforms/draw.ts";
import { logit } from "../transforms/lighting.ts";
import { imagenetStats, unitStats } from "../transforms/normalize.ts";
import type { ChannelStats } from "../transforms/normalize.ts";
import type { ApplyOptions, Plan } from "../transforms/plan.ts";
import { ResizePlans, renderImage, renderMask } from "../transforms/render.ts";
import type { TransformSpec } from "../transforms/table.ts";
import { wholeView } from "../transforms/view.ts";
import { RowSampler } from "./row-sampler.ts";

const sampler = RowSampler.create()!;
const fast = new ResizePlans(sampler);
const plain = new ResizePlans();

/** A picture with waves, in bytes or floats, and a mask of any ids. */
function picture({ height, width }: Size, random: Random) {
  const [a, b, c] = [random.between(0.01, 0.5), random.between(0.01, 0.5), random.between(0, 6)];
  const wave = (i: number) => {
    const pixel = Math.floor(i / 3);
    return 0.5 + 0.5 * Math.sin(a * (pixel % width) + b * Math.floor(pixel / width) + c * (i % 3));
  };
  const length = 3 * height * width;
  const source = random.chance(0.7)
    ? { data: Uint8Array.from({ length }, (_, i) => Math.round(255 * wave(i))), white: 255 }
    : { data: Float32Array.from({ length }, (_, i) => wave(i)), white: 1 };
  const mask = { height, width, data: Uint8Array.from({ length: height * width }, () => random.integer(256)) };
  return { image: { height, width, ...source }, mask };
}

/** The largest difference of an image by SIMD code and by plain code, its mask being the same. */
function difference(size: Size, plan: Plan, random: Random, stats: ChannelStats): number {
  const { image, mask } = picture(size, random);
  const pixels = plan.size.height * plan.size.width;
  const [a, b] = [fast, plain].map((plans) => {
    const images = new Float32Array(3 * pixels + 7).fill(0.25);
    const masks = new Int32Array(pixels + 7).fill(-3);
    renderImage(images, 5, image, plan, stats, plans);
    renderMask(masks, 5, mask, plan, plans);
    return { images, masks };
  }) as [{ images: Float32Array; masks: Int32Array }, { images: Float32Array; masks: Int32Array }];
  expect(a.masks).toEqual(b.masks);
  return a.images.reduce((most, value, i) => Math.max(most, Math.abs(value - b.images[i]!)), 0);
}

const sides = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 64, 97];
const anySize = (random: Random): Size => ({
  height: sides[random.integer(sides.length)]!,
  width: sides[random.integer(sides.length)]!,
});
const warps: readonly TransformSpec[] = [
  t.rotate({ degrees: [-180, 180], p: 0.7 }),
  t.randZoom({ scale: [0.2, 3], p: 0.7 }),
  t.squish({ scale: [0.5, 2], p: 0.3 }),
  t.symmetricWarp({ magnitude: [-0.4, 0.4], p: 0.5 }),
  t.jitter({ magnitude: 0.05, p: 0.1 }),
  t.dihedral({ p: 0.3 }),
  t.flipLr({ p: 0.3 }),
  t.cutout({ length: 5, p: 0.1 }),
  t.randCrop(),
];
const lights = [t.brightness({ change: [0.2, 0.8], p: 0.7 }), t.contrast({ scale: [0.5, 2], p: 0.7 })];

function anyPlan(size: Size, options: ApplyOptions, transforms: readonly TransformSpec[], random: Random): Plan {
  const { height, width } = anySize(random);
  const ways: readonly ApplyOptions[] = [
    {},
    { size: [height, width] },
    { size: height, resizeMethod: "crop" },
    { size: width, resizeMethod: "pad", padClass: 9 },
  ];
  const way = ways[random.integer(ways.length)]!;
  return planTransforms(size, drawTransforms(transforms, random), { ...way, ...options });
}

describe("SIMD code does as plain code", () => {
  test.each(["reflection", "border", "zeros"] as const)("%s: any geometry, masks to the pixel", (paddingMode) => {
    for (let seed = 0; seed < 200; seed++) {
      const random = new Random(seed).split(paddingMode);
      const size = anySize(random);
      const plan = anyPlan(size, { paddingMode }, warps, random);
      expect(difference(size, plan, random, unitStats), `seed ${seed}`).toBeLessThan(2e-6);
    }
  });

  test("lighting and normalisation", () => {
    for (let seed = 0; seed < 100; seed++) {
      const random = new Random(seed);
      const size = anySize(random);
      const plan = anyPlan(size, {}, [...warps, ...lights], random);
      expect(difference(size, plan, random, imagenetStats), `seed ${seed}`).toBeLessThan(1e-4);
    }
  });

  test("positions that reach infinity", () => {
    const wild = drawTransforms([t.symmetricWarp({ magnitude: [0.9, -0.99, 0, 0], invert: true })], new Random(0));
    const size = { height: 21, width: 33 };
    for (const paddingMode of ["reflection", "border", "zeros"] as const) {
      const plan = planTransforms(size, wild, { paddingMode });
      expect(difference(size, plan, new Random(3), unitStats)).toBeLessThan(1e-3);
    }
  });
});

test("lighting is within 1e-6 of its formula, from black to white", () => {
  const n = 256 * 256;
  const data = Float32Array.from({ length: 3 * n }, (_, i) => Math.floor(i / 3) / (n - 1));
  const size = { height: 1, width: n };
  const out = new Float32Array(3 * n);
  for (const [contrast, brightness] of [
    [0.5, 0.7],
    [0.8, logit(0.4)],
    [1, logit(0.6)],
    [1.25, 0],
    [2, -1],
    [30, 0],
  ] as const) {
    const lines = { rows: new Float32Array(1), columns: Float32Array.from({ length: n }, (_, i) => i) };
    const same = { scale: [1, 1, 1], shift: [0, 0, 0] } as const;
    const reading = { at: lines, view: wholeView(size), paddingMode: "border" } as const;
    sampler.image(out, 0, { ...size, data }, reading, {
      scale: same,
      toned: { tone: { contrast, brightness }, scale: same },
    });
    let error = 0;
    for (let i = 0; i < n; i++) {
      const exact = 1 / (1 + Math.exp(-(contrast * logit(data[3 * i]!) + brightness)));
      error = Math.max(error, Math.abs(out[i]! - exact));
    }
    expect(error, `${contrast} ${brightness}`).toBeLessThan(Math.max(contrast, 1) * 1e-6);
  }
});

test("what takes too much memory, or is no 8-bit mask, is left to plain code", () => {
  const view = wholeView({ height: 4, width: 4 });
  const fits = (height: number, width: number, channels: 1 | 3) =>
    sampler.fits({ height, width, data: new Uint8Array(0) }, channels, view);
  expect([fits(6000, 6000, 3), fits(7000, 7000, 3), fits(7000, 7000, 1)]).toEqual([true, false, true]);
  expect(
    sampler.fits({ height: 2, width: 2, data: new Uint8Array(0) }, 1, wholeView({ height: 5000, width: 5000 })),
  ).toBe(false);
  expect(sampler.fits({ height: 2, width: 2, data: new Int32Array(4) }, 1, view)).toBe(false);
});
