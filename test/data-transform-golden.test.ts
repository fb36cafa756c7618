import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { aspectCorrected, rotation, squishing, symmetry, zooming } from "../src/data/transforms/affine.ts";
import { transformImage } from "../src/data/transforms/apply.ts";
import { brightness, contrast, cropPad } from "../src/data/transforms/builders.ts";
import { drawTransforms, inOrder } from "../src/data/transforms/draw.ts";
import { getTransforms } from "../src/data/transforms/get-transforms.ts";
import { multiply } from "../src/data/transforms/matrix.ts";
import type { Matrix } from "../src/data/transforms/matrix.ts";
import { perspective, skewing, symmetricWarping, tilting } from "../src/data/transforms/perspective.ts";
import { resizedSize, targetSize } from "../src/data/transforms/sizes.ts";
import type { SizeLike } from "../src/data/transforms/sizes.ts";
import type { TransformSpec } from "../src/data/transforms/table.ts";
import { transformTable } from "../src/data/transforms/table.ts";
import { Random } from "../src/util/random.ts";

const file = (name: string): string => fileURLToPath(new URL(`golden/${name}`, import.meta.url));
const read = async <T>(name: string): Promise<T> => JSON.parse(await readFile(file(`${name}.json`), "utf8")) as T;

const geometry = await read<{
  readonly affine: Readonly<Record<string, number[][]>>;
  readonly affine_composition: Readonly<Record<string, number[][]>>;
  readonly perspective: Readonly<Record<string, { readonly coeffs: number[]; readonly coeffs_invert?: number[] }>>;
  readonly resize_targets: readonly {
    readonly in_hw: readonly [number, number];
    readonly size: SizeLike;
    readonly method: "CROP" | "PAD";
    readonly resized_to_hw: readonly [number, number];
    readonly final_hw: readonly [number, number];
  }[];
  readonly round_multiple: { readonly cases: readonly { x: number; mult: number; rounded: number }[] };
}>("transform_geometry");

/** The numbers in the name of a stored result: `scale=1.1` or a list in brackets. */
function argument(name: string, key: string): number {
  return Number(new RegExp(`${key}=([-\\d.]+)`).exec(name)![1]);
}
const list = (name: string): number[] =>
  JSON.parse(`[${/\[(.*)\]/.exec(name)![1]!.replace(/(^|,)(-?)\./g, "$1$20.")}]`) as number[];

function affineOf(name: string): Matrix {
  const number = (key: string) => argument(name, key);
  if (name.startsWith("rotate")) return rotation(number("degrees"));
  if (name.startsWith("zoom")) return zooming(number("scale"), number("row_pct"), number("col_pct"));
  if (name.startsWith("squish")) return squishing(number("scale"), number("row_pct"), number("col_pct"));
  return symmetry(name === "flip_affine" ? 1 : number("k"));
}

function warpOf(name: string, invert: boolean): Matrix {
  const number = (key: string) => argument(name, key);
  if (name.startsWith("tilt")) return tilting(number("direction"), number("magnitude"), invert);
  if (name.startsWith("skew")) return skewing(number("direction"), number("magnitude"), invert);
  return (name.startsWith("symmetric_warp") ? symmetricWarping : perspective)(list(name), invert);
}

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  expect(Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)))).toBeLessThan(tolerance);
}

describe("fastai's geometry", () => {
  test.each(Object.entries(geometry.affine))("matrix of %s", (name, expected) => {
    expectClose(affineOf(name), expected.flat(), 1e-8);
  });

  test("affine maps are multiplied in the order of the list, and corrected for the aspect once", () => {
    const product = multiply(rotation(10), zooming(1.1, 0, 1));
    const [plain, corrected] = Object.values(geometry.affine_composition);
    expectClose(product, plain!.flat(), 1e-8);
    expectClose(aspectCorrected(product, 36, 48), corrected!.flat(), 1e-8);
  });

  test.each(Object.entries(geometry.perspective))("coefficients of %s", (name, { coeffs, coeffs_invert: inverse }) => {
    expectClose(warpOf(name, false), [...coeffs, 1], 1e-6);
    if (inverse) expectClose(warpOf(name, true), [...inverse, 1], 1e-6);
  });

  test("sizes that are resized to, and rounded to multiples", () => {
    for (const {
      in_hw: [height, width],
      size,
      method,
      resized_to_hw: resized,
      final_hw: final,
    } of geometry.resize_targets) {
      const target = targetSize(size);
      expect([target.height, target.width]).toEqual(final);
      const to = resizedSize({ height, width }, target, method === "CROP" ? "crop" : "pad");
      expect([to.height, to.width]).toEqual(resized);
    }
    for (const { x, mult, rounded } of geometry.round_multiple.cases) {
      expect(targetSize([x, x], mult)).toEqual({ height: rounded, width: rounded });
    }
  });
});

test("lighting gives fastai's values", async () => {
  const golden = await read<{
    readonly pixels: number[];
    readonly brightness: Readonly<Record<string, number[]>>;
    readonly contrast: Readonly<Record<string, number[]>>;
    readonly brightness_0_6_then_contrast_1_25: number[];
    readonly contrast_1_25_then_brightness_0_6: number[];
  }>("lighting");
  const n = golden.pixels.length;
  const image = { height: 1, width: n, data: Float32Array.from([1, 2, 3].flatMap(() => golden.pixels)) };
  const check = (transforms: readonly TransformSpec[], expected: readonly number[]) => {
    const { data } = transformImage(image, drawTransforms(transforms, new Random(0)));
    expectClose([...data], [...expected, ...expected, ...expected], 2e-6);
  };
  for (const [change, expected] of Object.entries(golden.brightness)) {
    check([brightness({ change: Number(change) })], expected);
  }
  for (const [scale, expected] of Object.entries(golden.contrast))
    check([contrast({ scale: Number(scale) })], expected);
  const [bright, strong] = [brightness({ change: 0.6 }), contrast({ scale: 1.25 })];
  check([bright, strong], golden.brightness_0_6_then_contrast_1_25);
  check([strong, bright], golden.contrast_1_25_then_brightness_0_6);
});

/** Python's random.seed(7), with the numbers torch gave for the warp put where they are asked for. */
class PythonRandom extends Random {
  readonly #numbers: number[];

  constructor(numbers: readonly number[]) {
    super(0);
    this.#numbers = [...numbers];
  }

  override uniform(): number {
    return this.#numbers.shift()!;
  }
}

test("getTransforms with Python's random numbers draws what fastai draws", async () => {
  interface Drawn {
    readonly tfm: string;
    readonly order: number;
    readonly p: number;
    readonly do_run: boolean;
    readonly resolved: Readonly<Record<string, number | number[] | boolean | string>>;
  }
  const expected = (await read<{ readonly get_transforms_resolved_python7_torch7: readonly Drawn[] }>("rng_and_splits"))
    .get_transforms_resolved_python7_torch7;
  const torch = (expected[0]!.resolved.magnitude as number[]).map((value) => (value + 0.2) / 0.4);
  const python = [
    0.32383276483316237, 0.15084917392450192, 0.6509344730398537, 0.07243628666754276, 0.5358820043066892,
    0.36568891691258554, 0.057998924774706806, 0.5074357331894203, 0.03749565844198488, 0.4336456836623859,
    0.06985542357461894, 0.09071301334386506, 0.42451918914251396, 0.8268521246720381, 0.12380196114964559,
  ];
  const [train, valid] = getTransforms();
  const drawn = drawTransforms(train, new PythonRandom([...torch, ...python]));
  const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  expect(drawn.map(({ kind }) => snake(kind))).toEqual(expected.map(({ tfm }) => tfm));
  expect(inOrder(train).map(({ kind, p }) => [transformTable[kind].order, p ?? 1])).toEqual(
    expected.map(({ order, p }) => [order, p]),
  );
  for (const [i, { resolved }] of expected.entries()) {
    const { kind: _, ...parameters } = drawn[i]!;
    const named = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [snake(name), value]));
    expect(Object.keys(named).toSorted()).toEqual(Object.keys(resolved).toSorted());
    for (const [name, value] of Object.entries(resolved)) {
      if (typeof value === "number") expect(named[name]).toBeCloseTo(value, 8);
      else if (Array.isArray(value)) expectClose(named[name] as number[], value, 1e-8);
      else expect(named[name]).toBe(value);
    }
  }
  expect(valid).toEqual([cropPad()]);
});
