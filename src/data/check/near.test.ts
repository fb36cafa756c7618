import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { Random } from "../../util/random.ts";
import type { RgbImage } from "../image.ts";
import { bitsBetween, differenceBetween, type Look, lookOf, looksSame } from "./look.ts";
import { findAlike } from "./near.ts";

/** A smooth random picture. */
async function picture(random: Random, height: number, width: number): Promise<RgbImage> {
  const coarse = Uint8Array.from({ length: 7 * 6 * 3 }, () => random.integer(256));
  const data = await sharp(coarse, { raw: { width: 7, height: 6, channels: 3 } })
    .resize(width, height, { kernel: "cubic", fit: "fill" })
    .raw()
    .toBuffer();
  return { data, height, width };
}

async function changed(image: RgbImage, change: (image: ReturnType<typeof sharp>) => ReturnType<typeof sharp>) {
  const { height, width } = image;
  const changing = change(sharp(image.data, { raw: { height, width, channels: 3 } }));
  const { data, info } = await changing.toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  return { data, height: info.height, width: info.width };
}

describe("how pictures look from afar", () => {
  test.each([
    ["smaller", (image: ReturnType<typeof sharp>) => image.resize(101, 75, { fit: "fill" })],
    ["larger", (image: ReturnType<typeof sharp>) => image.resize(640, 480, { fit: "fill" })],
    ["brighter", (image: ReturnType<typeof sharp>) => image.linear(0.8, 40)],
    ["of less contrast", (image: ReturnType<typeof sharp>) => image.linear(0.6, 50)],
    ["blurred", (image: ReturnType<typeof sharp>) => image.blur(4)],
  ])("a %s copy looks the same, another picture does not", async (_, change) => {
    const random = new Random(1);
    for (let i = 0; i < 10; i++) {
      const original = await picture(random, 120, 160);
      const copy = lookOf(await changed(original, change));
      expect(looksSame(lookOf(original), copy)).toBe(true);
      expect(looksSame(lookOf(await picture(random, 120, 160)), copy)).toBe(false);
    }
  });

  test("mirrored pictures differ", async () => {
    const original = await picture(new Random(2), 90, 120);
    expect(looksSame(lookOf(original), lookOf(await changed(original, (image) => image.flop())))).toBe(false);
  });

  test("pictures smaller than the grid, and of one colour", () => {
    const flat = (height: number, width: number) =>
      lookOf({ data: new Uint8Array(height * width * 3).fill(7), height, width });
    expect([...flat(1, 1).grid]).toEqual(Array.from({ length: 288 }, () => 7));
    expect(looksSame(flat(3, 50), flat(200, 5))).toBe(true);
  });
});

/** A look near another one, or anywhere. */
function randomLook(random: Random, from?: Look): Look {
  const hash = from ? from.hash.slice() : Uint8Array.from({ length: 8 }, () => random.integer(256));
  const grid = from ? from.grid.slice() : Uint8Array.from({ length: 288 }, () => random.integer(256));
  if (from) for (let flips = random.integer(10); flips > 0; flips--) hash[random.integer(8)]! ^= 1 << random.integer(8);
  if (from) for (let i = 0; i < grid.length; i++) grid[i] = grid[i]! ^ random.integer(8);
  return { hash, grid };
}

test("the buckets find what comparing all with all finds", async () => {
  const random = new Random(3);
  const looks: (Look | null)[] = Array.from({ length: 400 }, () => randomLook(random));
  for (let i = 0; i < 200; i++) looks.push(randomLook(random, looks[random.integer(400)]!));
  looks[7] = null;
  const [others, pictures] = [[...looks.keys()].filter((i) => i < 400), [...looks.keys()].filter((i) => i >= 400)];
  const expected = pictures.flatMap((picture) => {
    const alike = others.filter((like) => looks[like] && looksSame(looks[picture]!, looks[like]));
    const differences = alike.map((like) => differenceBetween(looks[picture]!, looks[like]!));
    const difference = Math.min(...differences);
    return alike.length === 0 ? [] : [{ picture, like: alike[differences.indexOf(difference)]!, difference }];
  });
  expect(expected.length).toBeGreaterThan(100);
  expect(expected.length).toBeLessThan(200);
  expect(await findAlike(looks, pictures, others)).toEqual(expected);
  expect(bitsBetween(looks[0]!, looks[0]!)).toBe(0);
});

test("of very many equal hashes, enough are looked at to find a copy; the comparison can be ended", async () => {
  const grid = new Uint8Array(288).fill(100);
  const looks: Look[] = Array.from({ length: 2000 }, () => ({ hash: new Uint8Array(8), grid }));
  const [others, pictures] = [[...looks.keys()].slice(0, 1500), [...looks.keys()].slice(1500)];
  const told: number[] = [];
  const found = await findAlike(looks, pictures, others, { onProgress: (done) => told.push(done) });
  expect(found.map(({ picture }) => picture)).toEqual(pictures);
  expect(told[0]).toBe(0);
  expect(told.length).toBeGreaterThan(5);
  const controller = new AbortController();
  const onProgress = (): void => controller.abort(new Error("enough"));
  await expect(findAlike(looks, pictures, others, { signal: controller.signal, onProgress })).rejects.toThrow("enough");
});
