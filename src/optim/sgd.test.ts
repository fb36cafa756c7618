import { expect, test } from "vitest";
import { sgd } from "./sgd.ts";

test("two steps by hand: momentum gathers, decay is decoupled", () => {
  const params = Float64Array.of(1);
  const m = new Float64Array(1);
  const hyper = { lr: 0.1, wd: 0.5, mom: 0.9 };
  sgd().update(params, Float64Array.of(2), { m }, { ...hyper, step: 1 });
  expect([params[0], m[0]]).toEqual([expect.closeTo(0.95 - 0.2, 12), 2]);
  sgd().update(params, Float64Array.of(1), { m }, { ...hyper, step: 2 });
  expect([params[0], m[0]]).toEqual([expect.closeTo(0.75 * 0.95 - 0.28, 12), expect.closeTo(2.8, 12)]);
});

test("arrays of different lengths are an error", () => {
  const [two, three] = [new Float32Array(2), new Float32Array(3)];
  expect(() => sgd().update(two, three, { m: two }, { lr: 1, wd: 0, mom: 0, step: 1 })).toThrow(
    "sgd: expected 2 grads, but received 3",
  );
});
