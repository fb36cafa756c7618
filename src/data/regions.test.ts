import { expect, test } from "vitest";
import { Random } from "../util/random.ts";
import { fillRings } from "./fill-rings.ts";
import type { IdMask } from "./image.ts";
import { keyholed } from "./keyhole.ts";
import { regionsOf, type Ring } from "./regions.ts";

/** A mask drawn with digits. */
function mask(...rows: readonly string[]): IdMask {
  return { data: Uint8Array.from(rows.join(""), Number), height: rows.length, width: rows[0]!.length };
}

/** Random masks of all kinds: noise with and without large regions, and smooth shapes. */
function* randomMasks(count: number): Generator<IdMask> {
  const random = new Random(3);
  for (let k = 0; k < count; k++) {
    const [height, width, classes, share] = [
      1 + random.integer(24),
      1 + random.integer(24),
      2 + random.integer(3),
      random.uniform(),
    ];
    const noise = (): number => (random.chance(share) ? 0 : random.integer(classes));
    const waves = (i: number): number =>
      Math.floor(3 + Math.sin((i % width) / 3 + k) + Math.cos(i / width / 2) + random.uniform());
    yield { data: Uint8Array.from({ length: height * width }, (_, i) => (k % 3 ? noise() : waves(i))), height, width };
  }
}

/** Twice the signed area. */
function signedArea(ring: Ring): number {
  const at = (i: number): number => ring[i % ring.length]!;
  return ring.reduce((sum, x, i) => (i % 2 ? sum : sum + x * at(i + 3) - at(i + 2) * at(i + 1)), 0);
}

test("outlines run along pixel edges, holes the other way round", () => {
  expect(regionsOf(mask("1110", "1010", "1112"))).toEqual([
    {
      classId: 1,
      area: 8,
      rings: [
        [0, 0, 3, 0, 3, 3, 0, 3],
        [1, 2, 2, 2, 2, 1, 1, 1],
      ],
    },
    { classId: 0, area: 2, rings: [[3, 0, 4, 0, 4, 2, 3, 2]] },
    { classId: 0, area: 1, rings: [[1, 1, 2, 1, 2, 2, 1, 2]] },
    { classId: 2, area: 1, rings: [[3, 2, 4, 2, 4, 3, 3, 3]] },
  ]);
});

test("pixels that touch at a corner are two regions, and holes that do are two holes", () => {
  expect(regionsOf(mask("10", "01")).map(({ rings }) => rings.length)).toEqual([1, 1, 1, 1]);
  const [around] = regionsOf(mask("1111", "1011", "1101", "1111"));
  expect(around?.rings).toEqual([
    [0, 0, 4, 0, 4, 4, 0, 4],
    [1, 2, 2, 2, 2, 1, 1, 1],
    [2, 3, 3, 3, 3, 2, 2, 2],
  ]);
});

test("filling the regions gives back the mask; no ring touches itself, outlines are counter-clockwise", () => {
  for (const each of randomMasks(120)) {
    const filled = new Uint8Array(each.data.length).fill(255);
    for (const { rings, classId, area } of regionsOf(each)) {
      for (const [i, inside] of fillRings(rings, each).data.entries()) if (inside) filled[i] = classId;
      expect(rings.reduce((sum, ring) => sum + signedArea(ring), 0)).toBe(2 * area);
      expect(rings.map((ring) => signedArea(ring) > 0)).toEqual(rings.map((_, i) => i === 0));
      for (const ring of rings) {
        const corners = ring.flatMap((x, i) => (i % 2 ? [] : [`${x} ${ring[i + 1]}`]));
        expect(new Set(corners).size).toBe(corners.length);
      }
    }
    expect(filled).toEqual(each.data);
  }
});

test("regions with their holes joined by slits give back the mask, by both rules", () => {
  for (const each of randomMasks(120)) {
    const filled = new Uint8Array(each.data.length).fill(255);
    for (const region of regionsOf(each)) {
      const ring = keyholed(region);
      expect(signedArea(ring)).toBe(2 * region.area);
      for (const [i, inside] of fillRings([ring], each).data.entries()) if (inside) filled[i] = region.classId;
    }
    expect(filled).toEqual(each.data);
  }
});

test("a slit goes straight up from the top of a hole, to the outline or to the hole above", () => {
  const [frame] = regionsOf(mask("111", "101", "111", "101", "111"));
  expect(keyholed(frame!)).toEqual([
    ...[0, 0, 1, 0, 1, 1, 1, 2, 1, 3, 1, 4, 2, 4, 2, 3, 1, 3],
    ...[1, 2, 2, 2, 2, 1, 1, 1, 1, 0, 3, 0, 3, 5, 0, 5],
  ]);
});
