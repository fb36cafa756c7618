import { describe, expect, test } from "vitest";
import { Random } from "../../util/random.ts";
import * as t from "./builders.ts";
import { checkTransforms } from "./check.ts";
import { drawTransforms } from "./draw.ts";
import { getTransforms } from "./get-transforms.ts";
import type { TransformSpec } from "./table.ts";

const draws = (transforms: readonly TransformSpec[], n = 300) =>
  Array.from({ length: n }, (_, i) => drawTransforms(transforms, new Random(3).split(i)));

describe("drawTransforms", () => {
  test("ranges are drawn from, numbers are taken as they are, what is left out has its default", () => {
    const all = draws([t.zoom({ scale: [1, 1.5], rowPct: 0.25 })]).flat();
    for (const transform of all) expect(transform).toMatchObject({ kind: "zoom", rowPct: 0.25, colPct: 0.5 });
    const scales = all.map((transform) => (transform.kind === "zoom" ? transform.scale : NaN));
    expect(Math.min(...scales)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...scales)).toBeLessThan(1.5);
    expect(Math.max(...scales) - Math.min(...scales)).toBeGreaterThan(0.45);
  });

  test("contrast is drawn by logarithm, whole numbers with both ends, lists number by number", () => {
    const scales = draws([t.contrast({ scale: [0.25, 4] })])
      .flat()
      .map((each) => (each.kind === "contrast" ? each.scale : NaN));
    const below = scales.filter((scale) => scale < 1).length;
    expect(below).toBeGreaterThan(120);
    expect(below).toBeLessThan(180);
    const ks = draws([t.dihedral()])
      .flat()
      .map((each) => (each.kind === "dihedral" ? each.k : NaN));
    expect([...new Set(ks)].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const [warp] = drawTransforms([t.symmetricWarp({ magnitude: [-0.2, 0.2] })], new Random(0));
    expect(new Set(warp!.kind === "symmetricWarp" ? warp!.magnitude : []).size).toBe(4);
    expect(drawTransforms([t.symmetricWarp({ magnitude: 0.1 })], new Random(0))).toEqual([
      { kind: "symmetricWarp", magnitude: [0.1, 0.1, 0.1, 0.1], invert: false },
    ]);
  });

  test("p decides how often, and the same random numbers decide the same", () => {
    const flips = draws([t.flipHorizontal()], 400).filter((list) => list.length === 1).length;
    expect(flips).toBeGreaterThan(150);
    expect(flips).toBeLessThan(250);
    expect(draws([t.flipLr({ p: 0 })]).flat()).toEqual([]);
    const [train] = getTransforms();
    expect(draws(train, 5)).toEqual(draws(train, 5));
  });

  test("what comes later does not depend on whether something happened", () => {
    const angle = (p: number) =>
      drawTransforms([t.tilt({ magnitude: [0, 1], p }), t.rotate({ degrees: [0, 9] })], new Random(8)).at(-1);
    expect(angle(0)).toEqual(angle(1));
  });

  test("resolved transforms are plain data, also those with noise", () => {
    const resolved = drawTransforms([...getTransforms()[0], t.cutout(), t.jitter({ magnitude: 0.1 })], new Random(1));
    expect(structuredClone(resolved)).toEqual(resolved);
    expect(JSON.parse(JSON.stringify(resolved))).toEqual(resolved);
  });
});

describe("getTransforms", () => {
  test("fastai's defaults", () => {
    expect(getTransforms()).toEqual([
      [
        { kind: "cropPad", rowPct: [0, 1], colPct: [0, 1] },
        { kind: "flipLr", p: 0.5 },
        { kind: "symmetricWarp", magnitude: [-0.2, 0.2], p: 0.75 },
        { kind: "rotate", degrees: [-10, 10], p: 0.75 },
        { kind: "zoom", scale: [1, 1.1], rowPct: [0, 1], colPct: [0, 1], p: 0.75 },
        { kind: "brightness", change: [0.4, 0.6], p: 0.75 },
        { kind: "contrast", scale: [0.8, 1.25], p: 0.75 },
      ],
      [{ kind: "cropPad" }],
    ]);
  });

  test("every argument", () => {
    const kinds = (options: Parameters<typeof getTransforms>[0]) => getTransforms(options)[0].map(({ kind }) => kind);
    const none = { doFlip: false, maxRotate: 0, maxZoom: 1, maxLighting: 0, maxWarp: 0 };
    expect(kinds(none)).toEqual(["cropPad"]);
    expect(kinds({ ...none, flipVert: true })).toEqual(["cropPad"]);
    expect(kinds({ ...none, doFlip: true, flipVert: true })).toEqual(["cropPad", "dihedralAffine"]);
    expect(kinds({ ...none, xtraTfms: [t.cutout()] })).toEqual(["cropPad", "cutout"]);
    const strong = getTransforms({
      maxRotate: 30,
      maxZoom: 2,
      maxLighting: 0.5,
      maxWarp: 0.1,
      pAffine: 1,
      pLighting: 0.1,
    });
    expect(strong[0].slice(2)).toEqual([
      t.symmetricWarp({ magnitude: [-0.1, 0.1], p: 1 }),
      t.rotate({ degrees: [-30, 30], p: 1 }),
      t.randZoom({ scale: [1, 2], p: 1 }),
      t.brightness({ change: [0.25, 0.75], p: 0.1 }),
      t.contrast({ scale: [0.5, 2], p: 0.1 }),
    ]);
  });
});

test("what cannot be does not compile", () => {
  // @ts-expect-error a crop needs its size
  const crop: TransformSpec = { kind: "crop" };
  // @ts-expect-error there is no such parameter
  const rotate: TransformSpec = { kind: "rotate", degree: 3 };
  // @ts-expect-error a range has two ends
  const zoom: TransformSpec = { kind: "zoom", scale: [1, 2, 3] };
  for (const spec of [crop, rotate, zoom]) expect(() => checkTransforms([spec])).toThrow(spec.kind);
});

test("wrong transforms are named with what was expected", () => {
  const fault = (spec: unknown) => {
    try {
      checkTransforms([spec as TransformSpec]);
      return "none";
    } catch (error) {
      const { name, message, hint } = error as Error & { hint?: string };
      return `${name}: ${message}${hint ? ` (${hint})` : ""}`;
    }
  };
  expect([
    fault({ kind: "rotate", degrees: [10, -10] }),
    fault({ kind: "rotate", degrees: "10" }),
    fault({ kind: "rotate", degree: 10 }),
    fault({ kind: "flipLr", k: 1 }),
    fault({ kind: "flipLr", p: 2 }),
    fault({ kind: "zoom", scale: 0 }),
    fault({ kind: "brightness", change: [0.4, 1.6] }),
    fault({ kind: "dihedral", k: 1.5 }),
    fault({ kind: "symmetricWarp", magnitude: [1, 2, 3] }),
    fault({ kind: "crop" }),
    fault({ kind: "crop", size: [10, 2.5] }),
    fault({ kind: "toString" }).slice(0, 60),
    fault({ kind: "flipLr", p: 0.5 }),
  ]).toMatchInlineSnapshot(`
    [
      "ConfigError: rotate: degrees: expected a range [low, high] with low ≤ high, but received [10,-10]",
      "ConfigError: rotate: degrees: expected a number or a range [low, high], but received "10"",
      "ConfigError: rotate: there is no parameter degree (Its parameters are p, degrees.)",
      "ConfigError: flipLr: there is no parameter k (It takes p alone.)",
      "ConfigError: flipLr: p: expected a probability from 0 to 1, but received 2",
      "ConfigError: zoom: scale: expected at least 0.000001, but received 0",
      "ConfigError: brightness: change: expected values from 0 to 1, but received [0.4,1.6]",
      "ConfigError: dihedral: k: expected whole numbers, but received 1.5",
      "ConfigError: symmetricWarp: magnitude: expected a range or 4 numbers, but received [1,2,3]",
      "ConfigError: crop: size must be given",
      "ConfigError: crop: size: expected a size in whole pixels, but received [10,2.5]",
      "ConfigError: transforms: "toString" is no transform (There a",
      "none",
    ]
  `);
  for (const list of [...getTransforms(), t.randPad(3, 8), t.zoomCrop(1.2, true), t.randResizeCrop(9)])
    checkTransforms(list);
});
