import { type ResizeMode, resize } from "../../../src/graph/ops/resize.ts";
import { uniform } from "../../support/leaf.ts";
import { type Case, type Cases, opCase } from "../case.ts";

function resizes(mode: ResizeMode): [Case, ...Case[]] {
  const to = (size: readonly [number, number], from: readonly [number, number], batch = 1): Case =>
    opCase(`Resize, ${mode}, ${from.join("×")} to ${size.join("×")}`, { x: uniform([batch, 2, ...from]) }, ({ x }) =>
      resize(x, size, mode),
    );
  return [
    to([10, 14], [5, 7], 3),
    to([11, 13], [5, 7]),
    to([9, 5], [5, 7]),
    to([3, 4], [5, 7]),
    to([1, 1], [3, 5]),
    to([3, 4], [1, 1]),
    to([1, 9], [4, 3]),
    to([82, 1], [2, 1]),
  ];
}

export const resizeCases = {
  Resize: [...resizes("nearest"), ...resizes("bilinear"), ...resizes("bilinear-align-corners")],
} satisfies Partial<Cases>;
