/** @file Files that are made to do harm: each is refused by name, within 300 MB, and writes nothing. Time is for `npm run fuzz:bombs`. */
import { expect, test } from "vitest";
import { allBombs } from "../fuzz/bombs/index.ts";
import { setOff } from "../fuzz/bombs/set-off.ts";

test("each is refused with exit code 7, within 300 MB", async () => {
  const effects = await setOff(allBombs);
  expect(effects).toHaveLength(Object.keys(allBombs).length);
  const wrong = effects.filter(({ exitCode, megabytes, above }) => exitCode !== 7 || megabytes > 300 || above > 300);
  expect(wrong).toEqual([]);
}, 300_000);
