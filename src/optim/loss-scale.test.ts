import { expect, test } from "vitest";
import { LossScale } from "./loss-scale.ts";

test("a loss scale halves when gradients overflow, and doubles after many that do not", () => {
  const scale = new LossScale({ initial: 8, growAfter: 3 });
  const values = [true, true, true, true, true, false, true, true, true].map((finite) => {
    scale.update(finite);
    return scale.value;
  });
  expect(values).toEqual([8, 8, 16, 16, 16, 8, 8, 8, 16]);
});

test("a loss scale stays between 1 and 2²⁴", () => {
  const small = new LossScale({ initial: 2 });
  for (let i = 0; i < 5; i++) small.update(false);
  expect(small.value).toBe(1);
  const large = new LossScale({ initial: 2 ** 23, growAfter: 1 });
  for (let i = 0; i < 5; i++) large.update(true);
  expect(large.value).toBe(2 ** 24);
});

test("a loss scale goes on where another stood", () => {
  const [first, second] = [new LossScale({ initial: 8, growAfter: 3 }), new LossScale({ initial: 8, growAfter: 3 })];
  for (const finite of [true, true, true, true, true]) first.update(finite);
  second.restore(first.state);
  second.update(true);
  expect(second.value).toBe(32);
  second.restore();
  expect(second.state).toEqual({ value: 8, finite: 0 });
});
