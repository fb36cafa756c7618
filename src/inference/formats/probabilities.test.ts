import { expect, test } from "vitest";
import { predictionOf } from "./format.ts";
import { masks } from "./masks.node.ts";
import { probabilities } from "./probabilities.ts";

const size = { height: 1, width: 2 };
const prediction = predictionOf(
  { image: { ...size, data: new Uint8Array(6) }, mask: { ...size, data: Uint8Array.of(0, 1) } },
  "a.jpg",
  { classes: ["sky", "road"], palette: [[0, 0, 0]] },
);

test("what the prediction lacks is named", () => {
  expect(() => probabilities.encode(prediction)).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: probabilities: expected a mask predicted with probabilities, but received none]`,
  );
  expect(() => masks.encode(prediction)).toThrow("masks: expected ids below the palette's 1 colours, but received 1");
});
