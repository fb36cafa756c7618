import { expect, test } from "vitest";
import { decodeCocoRle, encodeCocoRle } from "./coco-rle.ts";
import type { IdMask } from "./image.ts";

function drawn(height: number, width: number, id: (x: number, y: number) => number): IdMask {
  const data = Uint8Array.from({ length: height * width }, (_, i) => id(i % width, Math.floor(i / width)));
  return { data, height, width };
}

/** What pycocotools 2.0.11 gives for these masks, class by class. */
const golden: readonly (readonly [IdMask, Readonly<Record<number, string>>])[] = [
  [
    drawn(7, 9, (x, y) => ((x * x * 3 + y * 5 + x * y) >> 2) % 3),
    { 0: "0120O0000000010O30N00100002029M", 1: "114040J0O010001000112051", 2: "211020N00030M0100010000112<" },
  ],
  [
    drawn(40, 50, (x, y) => ((x - 38) ** 2 * 3 + (y - 25) ** 2 < 90 ? 2 : Number((x - 20) ** 2 + (y - 17) ** 2 < 150))),
    {
      0: "0_:5aF6K4M2N2N2O0O2O000O2O00000001N10001N101N2N2N3L5J:2D6L2N2N2O0001N2N2N4Jm6",
      1: "_:5P16K4M2N2N2O0O2O000O2O00000001N10001N101N2N2N3L5Jld0",
      2: "nY17n06L2N2N2O0001N2N2N4Jm6",
    },
  ],
  [drawn(600, 800, (x, y) => Number(x >= 700 || (x === 5 && y === 3))), { 0: "0km21YYd<obj1", 1: "km21TWg<obj1" }],
  [drawn(3, 4, () => 5), { 5: "0<" }],
];

test("is the text that pycocotools writes", () => {
  for (const [mask, counts] of golden) {
    const { height, width } = mask;
    const expected = Object.entries(counts).map(([id, text]) => [Number(id), { size: [height, width], counts: text }]);
    expect([...encodeCocoRle(mask)]).toEqual(expected);
  }
});

test("decodes to the pixels of the class", () => {
  for (const [mask] of golden)
    for (const [id, rle] of encodeCocoRle(mask)) {
      const { data, height, width } = decodeCocoRle(rle);
      expect([height, width]).toEqual([mask.height, mask.width]);
      expect(data.findIndex((one, i) => one !== Number(mask.data[i] === id))).toBe(-1);
    }
  expect(decodeCocoRle({ size: [3, 4], counts: "<" }).data).toEqual(new Uint8Array(12));
});

test("text that is no runs, and runs of another size, are named", () => {
  expect(() => decodeCocoRle({ size: [3, 4], counts: "a b" })).toThrowErrorMatchingInlineSnapshot(
    `[DataError: COCO RLE: expected packed counts, but received "a b"]`,
  );
  expect(() => decodeCocoRle({ size: [3, 4], counts: "oooooooooo" })).toThrow("packed counts");
  expect(() => decodeCocoRle({ size: [3, 4], counts: "P" })).toThrow("packed counts");
  expect(() => decodeCocoRle({ size: [3, 5], counts: "0<" })).toThrowErrorMatchingInlineSnapshot(
    `[DataError: COCO RLE: its runs are not those of a 3×5 mask]`,
  );
  expect(() => decodeCocoRle({ size: [3, 3], counts: "0<" })).toThrow("not those of a 3×3 mask");
  expect(() => decodeCocoRle({ size: [3, 4], counts: "0O" })).toThrow("not those of a 3×4 mask");
});

test("bombs are refused: runs of nothing without end, masks without end", () => {
  const tooMuch = (message: string) =>
    expect.objectContaining({ exitCode: 7, message: expect.stringContaining(message) });
  const counts = "0".repeat(1e6);
  expect(() => decodeCocoRle({ size: [3, 4], counts })).toThrowError(tooMuch("more than runs of 12 pixels can take"));
  expect(() => decodeCocoRle({ size: [30_000, 30_000], counts: "0" })).toThrowError(tooMuch("over the limit"));
});
