import { describe, expect, test } from "vitest";
import { Random } from "../../util/random.ts";
import { applyTransforms, transformImage, transformMask } from "./apply.ts";
import * as t from "./builders.ts";
import { drawTransforms } from "./draw.ts";
import type { TransformSpec } from "./table.ts";

const [height, width] = [6, 9];
const mask = { height, width, data: Uint8Array.from({ length: 54 }, (_, i) => 1 + (i % 7)) };
const image = { height, width, data: Uint8Array.from({ length: 162 }, (_, i) => (i * 53) % 256) };
const fixed = (...transforms: TransformSpec[]) => drawTransforms(transforms, new Random(4));

describe("what is outside", () => {
  test.each([
    ["pads", [], { size: [12, 9], resizeMethod: "pad" }],
    ["zooms out", fixed(t.zoom({ scale: 0.6 })), {}],
    ["pads before all", fixed(t.pad(3, { mode: "zeros" })), {}],
  ] as const)("%s: black, and class 0 or padClass", (_, resolved, way) => {
    const options = { ...way, paddingMode: "zeros" } as const;
    const zeros = transformMask(mask, resolved, options).data;
    const ignored = transformMask(mask, resolved, { ...options, padClass: 255 }).data;
    const { data } = transformImage(image, resolved, options);
    const outside = [...zeros.keys()].filter((i) => zeros[i] === 0);
    expect(outside.length).toBeGreaterThan(10);
    expect(outside.length).toBeLessThan(zeros.length / 1.3);
    for (const [i, id] of ignored.entries()) expect(id).toBe(zeros[i] === 0 ? 255 : zeros[i]);
    expect([data[0], data.at(-1)]).toEqual([0, 0]);
  });

  test("padding stays black after lighting", () => {
    const resolved = fixed(t.contrast({ scale: 0.5 }));
    const { data } = transformImage(image, resolved, { size: [12, 9], resizeMethod: "pad", paddingMode: "zeros" });
    expect([...data.subarray(0, 9)]).toEqual(Array.from({ length: 9 }, () => 0));
  });
});

test("a picture much longer than its target is reflected as often as it takes", () => {
  const thin = { height: 2, width: 40, data: Uint8Array.from({ length: 80 }, (_, i) => (i < 40 ? 1 : 2)) };
  const ids = transformMask(thin, [], { size: [40, 40], resizeMethod: "pad" });
  expect(ids.data.filter((_, i) => i % 40 === 7).join("")).toBe("12".repeat(20).slice(1) + "1");
});

describe("cutout", () => {
  const holes = t.cutout({ nHoles: 2, length: 4 });

  test("the mask keeps its classes, or has maskClass exactly where the image is black", () => {
    const white = { height, width, data: new Uint8Array(162).fill(255) };
    const black = [...transformImage(white, fixed(holes)).data.subarray(0, 54)].map((value) => value === 0);
    expect(black.filter(Boolean).length).toBeGreaterThan(5);
    expect([...transformMask(mask, fixed(holes)).data]).toEqual([...mask.data]);
    const ignored = transformMask(mask, fixed({ ...holes, maskClass: 255 }));
    expect([...ignored.data]).toEqual([...mask.data].map((id, i) => (black[i] ? 255 : id)));
  });
});

test("mult rounds the size, NO keeps it, and a transposition changes it", () => {
  const sizeOf = (...args: Parameters<typeof transformMask>) => {
    const ids = transformMask(...args);
    return [ids.height, ids.width, ids.data.length];
  };
  expect(sizeOf(mask, [], { size: [50, 70], mult: 32 })).toEqual([64, 64, 4096]);
  expect(sizeOf(mask, [], { size: 4, resizeMethod: "no" })).toEqual([6, 9, 54]);
  expect(sizeOf(mask, fixed(t.dihedral({ k: 4 })))).toEqual([9, 6, 54]);
  expect(sizeOf(mask, fixed(t.dihedral({ k: 4 })), { size: 5 })).toEqual([5, 5, 25]);
});

test("applyTransforms draws once for both", () => {
  const pair = applyTransforms(
    { image, mask },
    [t.flipLr({ p: 0.5 }), t.randZoom({ scale: [1, 2] })],
    {},
    new Random(5),
  );
  const resolved = drawTransforms([t.flipLr({ p: 0.5 }), t.randZoom({ scale: [1, 2] })], new Random(5));
  expect(pair).toEqual({ image: transformImage(image, resolved), mask: transformMask(mask, resolved) });
  const small = { height: 1, width: 1, data: new Uint8Array(1) };
  expect(() => applyTransforms({ image, mask: small }, [], {}, new Random(0))).toThrowErrorMatchingInlineSnapshot(
    `[DataError: transforms: a mask of 1×1 does not fit its image of 6×9]`,
  );
});

test("a warp that folds the picture onto a line is refused", () => {
  expect(() =>
    transformMask(mask, fixed(t.symmetricWarp({ magnitude: [-1, -1, 0, 0] }))),
  ).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: transforms: a warp moves three corners of the picture onto one line]`,
  );
});

test("positions that reach infinity still read the picture", () => {
  const wild = fixed(t.symmetricWarp({ magnitude: [0.9, -0.99, 0, 0], invert: true }));
  for (const paddingMode of ["reflection", "border", "zeros"] as const) {
    expect(transformImage(image, wild, { paddingMode }).data.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(transformMask(mask, wild, { paddingMode }).data.every((id) => id >= 0 && id < 8)).toBe(true);
  }
});
