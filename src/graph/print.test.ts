import { expect, test } from "vitest";
import { conv2d } from "./ops/conv.ts";
import { add, clip } from "./ops/elementwise.ts";
import { print } from "./print.ts";
import { full, input, scalar } from "./tensor.ts";

test("a line a node, operands before their users, left-out operands as a dash", () => {
  const x = input("x", [1, 2, 3, 3]);
  const y = conv2d(x, full([4, 2, 1, 1], 1));
  const shifted = add(clip(y, 0, Infinity), scalar(-0.5));
  expect(print({ y, shifted })).toMatchInlineSnapshot(`
    "%0 = input x : float32[1, 2, 3, 3]
    %1 = constant …8 : float32[4, 2, 1, 1]
    %2 = Conv(%0, %1, –, stride=[1,1], padding=[0,0,0,0], dilation=[1,1], groups=1) : float32[1, 4, 3, 3]
    %3 = Clip(%2, low=0, high="Infinity") : float32[1, 4, 3, 3]
    %4 = constant -0.5 : float32[]
    %5 = Add(%3, %4) : float32[1, 4, 3, 3]
    return y = %2, shifted = %5"
  `);
});
