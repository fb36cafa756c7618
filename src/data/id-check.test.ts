import { expect, test } from "vitest";
import { Random } from "../util/random.ts";
import { reaches } from "./id-check.ts";

test("finds a single byte that reaches the limit, anywhere, and none that stays below", () => {
  for (let seed = 0; seed < 2000; seed++) {
    const random = new Random(seed);
    const least = random.integer(257);
    const offset = random.integer(5);
    const bytes = new Uint8Array(offset + random.integer(20)).subarray(offset);
    for (let i = 0; i < bytes.length; i++) bytes[i] = random.integer(Math.max(least, 1));
    if (random.chance(0.5) && bytes.length > 0) {
      bytes[random.integer(bytes.length)] = Math.min(
        least + random.integer(2) * random.integer(256 - Math.min(least, 255)),
        255,
      );
    }
    expect(reaches(bytes, least), `seed ${seed}`).toBe([...bytes].some((byte) => byte >= least));
  }
});
