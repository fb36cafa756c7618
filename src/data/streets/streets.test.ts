import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { Random } from "../../util/random.ts";
import * as ids from "./classes.ts";
import { drawStreet, streetsClasses, streetsVersion } from "./streets.ts";
import type { Street } from "./streets.ts";

const size = { height: 96, width: 128 };

function shares(mask: Uint8Array): number[] {
  const counts = streetsClasses.map(() => 0);
  for (const id of mask) counts[id]! += 1 / mask.length;
  return counts;
}

test("the ids of the drawing code are those of the class names", () => {
  const named = Object.entries(ids).flatMap(([name, id]) => (typeof id === "number" ? [[id, name] as const] : []));
  expect(named.toSorted((a, b) => a[0] - b[0]).map(([, name]) => name)).toEqual(
    streetsClasses.map((name) => name.toUpperCase()),
  );
});

describe("forty streets", () => {
  let streets: Street[];
  let total: number[];

  beforeAll(() => {
    streets = Array.from({ length: 40 }, (_, i) => drawStreet(new Random(11).split("street", i), size));
    total = streetsClasses.map((_, id) => streets.reduce((sum, { mask }) => sum + shares(mask)[id]! / 40, 0));
  });

  test("have an RGB image and a mask of the size asked for, and no id beyond the classes", () => {
    for (const { image, mask, height, width } of streets) {
      expect({ height, width }).toEqual(size);
      expect(image).toHaveLength(96 * 128 * 3);
      expect(mask).toHaveLength(96 * 128);
      expect(mask.reduce((a, b) => Math.max(a, b))).toBeLessThan(streetsClasses.length);
    }
  });

  test.each([
    ["Sky", 0.06, 0.35],
    ["Building", 0.1, 0.4],
    ["Pole", 0.003, 0.03],
    ["Road", 0.2, 0.45],
    ["Sidewalk", 0.02, 0.1],
    ["Tree", 0.04, 0.25],
    ["Sign", 0.003, 0.03],
    ["Fence", 0.003, 0.05],
    ["Car", 0.03, 0.16],
    ["Pedestrian", 0.003, 0.03],
    ["Cyclist", 0.003, 0.03],
    ["Void", 0.005, 0.06],
  ] as const)("%s covers between %d and %d of the pixels", (name, low, high) => {
    const share = total[streetsClasses.indexOf(name)]!;
    expect(share).toBeGreaterThan(low);
    expect(share).toBeLessThan(high);
  });

  test("each half of them shows every class", () => {
    for (const half of [streets.slice(0, 20), streets.slice(20)]) {
      const seen = new Set(half.flatMap(({ mask }) => [...new Set(mask)]));
      expect(seen.size).toBe(streetsClasses.length);
    }
  });

  test("each shows sky or houses, road, and something that stands beside it", () => {
    for (const { mask } of streets) {
      const share = shares(mask);
      expect(share[ids.ROAD]).toBeGreaterThan(0.03);
      expect(share[ids.BUILDING]! + share[ids.TREE]!).toBeGreaterThan(0.005);
      expect(share[ids.SKY]! + share[ids.BUILDING]! + share[ids.TREE]!).toBeGreaterThan(0.1);
    }
  });

  test("no two are alike", () => {
    expect(new Set(streets.map(({ image }) => digest(image))).size).toBe(40);
    expect(new Set(streets.map(({ mask }) => digest(mask))).size).toBe(40);
  });

  test("image and mask are aligned: no shift of the mask puts its borders on stronger changes of the image", () => {
    for (const { image, mask } of streets) {
      const aligned = contrast(image, mask, 0);
      for (const shift of [-4, -2, 2, 4]) expect(contrast(image, mask, shift)).toBeLessThan(aligned);
    }
  });

  test("colour alone tells the classes apart badly, but better than chance", () => {
    const accuracy = colourAccuracy(streets.slice(0, 30), streets.slice(30));
    expect(accuracy).toBeGreaterThan(total[ids.ROAD]!);
    expect(accuracy).toBeLessThan(0.75);
  });
});

/** The mean change of the image from pixel to pixel along rows where the mask, shifted to the right, has a border. */
function contrast(image: Uint8Array, mask: Uint8Array, shift: number): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < mask.length; i++) {
    const column = i % size.width;
    if (column < 5 || column > size.width - 6 || mask[i - shift] === mask[i - shift + 1]) continue;
    sum += Math.abs(image[3 * i + 1]! - image[3 * i + 4]!);
    count++;
  }
  return sum / count;
}

/** The accuracy of always naming the class that a colour (of 512) has most often in other streets. */
function colourAccuracy(train: readonly Street[], valid: readonly Street[]): number {
  const table = new Map<number, number[]>();
  const binOf = (image: Uint8Array, i: number): number =>
    ((image[3 * i]! >> 5) << 6) | ((image[3 * i + 1]! >> 5) << 3) | (image[3 * i + 2]! >> 5);
  for (const { image, mask } of train) {
    for (const [i, id] of mask.entries()) {
      const bin = binOf(image, i);
      if (!table.has(bin))
        table.set(
          bin,
          Array.from(streetsClasses, () => 0),
        );
      table.get(bin)![id]!++;
    }
  }
  const best = new Map([...table].map(([bin, counts]) => [bin, counts.indexOf(Math.max(...counts))]));
  let right = 0;
  for (const { image, mask } of valid) {
    right += mask.reduce((sum, id, i) => sum + Number(best.get(binOf(image, i)) === id), 0);
  }
  return right / valid.length / (size.height * size.width);
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}

describe("drawStreet", () => {
  test("the same seed gives the same bytes, however much the generator was used before", () => {
    const used = new Random(5);
    used.uniform();
    const [a, b] = [drawStreet(new Random(5), size), drawStreet(used, size)];
    expect(a).toEqual(b);
    expect(drawStreet(new Random(6), size).mask).not.toEqual(a.mask);
  });

  test("draws what this version drew before; change streetsVersion when this changes", () => {
    const { image, mask } = drawStreet(new Random(2024), { height: 48, width: 64 });
    expect({ streetsVersion, image: digest(image), mask: digest(mask) }).toMatchInlineSnapshot(`
      {
        "image": "9b8400197cbdbb4c",
        "mask": "0cd272eabfaf1e81",
        "streetsVersion": 1,
      }
    `);
  });

  test("one street looks the same at every size", () => {
    const small = shares(drawStreet(new Random(3), size).mask);
    const large = shares(drawStreet(new Random(3), { height: 192, width: 256 }).mask);
    for (const [id, share] of small.entries()) expect(Math.abs(share - large[id]!)).toBeLessThan(0.02);
  });

  test.each([
    [17, 200],
    [101, 67],
    [16, 16],
  ])("%d×%d: odd and upright pictures too", (height, width) => {
    const { image, mask } = drawStreet(new Random(1), { height, width });
    expect([image.length, mask.length]).toEqual([height * width * 3, height * width]);
    expect(new Set(mask).size).toBeGreaterThan(2);
  });

  test.each([
    { height: 8, width: 128 },
    { height: 96.5, width: 128 },
    { height: 96, width: Number.NaN },
    { height: 96, width: 5000 },
  ])("$height×$width is refused", (wrong) => {
    expect(() => drawStreet(new Random(1), wrong)).toThrowError(
      expect.objectContaining({
        exitCode: 2,
        message: `drawStreet: expected a height and a width of 16 to 4096 pixels, but received ${wrong.height}×${wrong.width}`,
      }),
    );
  });
});
