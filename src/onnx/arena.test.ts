import { describe, expect, test } from "vitest";
import { Arena } from "./arena.ts";

const mega = 2 ** 20;

describe("the arena", () => {
  test("counts what was ever in use, not what the system gave", () => {
    const arena = new Arena();
    arena.allocate(10 * mega);
    expect(arena.touched).toBe(10 * mega);
    arena.allocate(3 * mega);
    expect(arena.touched).toBe(13 * mega);
  });

  test("hands out what was released, joined with its neighbours", () => {
    const arena = new Arena();
    const chunks = [0, 1, 2, 3].map(() => arena.allocate(4 * mega));
    for (const chunk of chunks) arena.release(chunk);
    expect(arena.touched).toBe(16 * mega);
    // Regions of 4, 8 and 16 MB: no two chunks of the first are neighbours of those of the second.
    arena.allocate(8 * mega);
    expect(arena.touched).toBe(16 * mega);
    arena.allocate(16 * mega);
    expect(arena.touched).toBeGreaterThan(16 * mega);
  });

  test("leaves a piece that is too small for what comes later", () => {
    const arena = new Arena();
    const [, second] = [0, 1, 2].map(() => arena.allocate(4 * mega));
    arena.release(second!);
    arena.allocate(6 * mega);
    expect(arena.touched).toBe(18 * mega);
  });

  test("gives a chunk whole that is less than twice as large", () => {
    const arena = new Arena();
    const wide = arena.allocate(8 * mega);
    arena.release(wide);
    const narrow = arena.allocate(5 * mega);
    expect(narrow.size).toBe(8 * mega);
    arena.release(narrow);
    expect(arena.allocate(4 * mega).size).toBe(4 * mega);
  });
});
