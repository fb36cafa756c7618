import { expect, test } from "vitest";
import { agreementOf, compareClasses } from "./ties.ts";

test("a class that is almost the best is a tie, another one differs", () => {
  // Four pixels of two classes; the largest logit is 10.
  const logits = Float32Array.of(1, 2, 10, 3, 1.0005, 2.1, -1, 5);
  const all = compareClasses(logits, 2, [0, 0, 0, 1]);
  expect(all).toEqual({ pixels: 4, differing: 2, ties: 1 });
  expect(agreementOf(all)).toBeCloseTo(2 / 3);
  expect(compareClasses(logits, 2, [1, 1, 0, 1])).toEqual({ pixels: 4, differing: 0, ties: 0 });
  expect(compareClasses(logits, 2, [7, 1, 0, 1])).toEqual({ pixels: 4, differing: 1, ties: 0 });
  expect(() => compareClasses(logits, 2, [1])).toThrow("expected 4 ids, but received 1");
});
