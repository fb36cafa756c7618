import { expect, test } from "vitest";
import { Calibration } from "./calibration.ts";

test("confidence and accuracy bin by bin, void and unlabelled pixels left out", () => {
  const calibration = new Calibration({ classes: 3, voidIndex: 2, bins: 4 });
  calibration.add(Float32Array.of(0.5, 0.75, 1, 1), Uint8Array.of(0, 1, 1, 1), Int32Array.of(1, 1, 2, 255));
  calibration.add(Float32Array.of(0.625, 1), Uint8Array.of(0, 0), Uint8Array.of(0, 0));
  expect(calibration.bins).toEqual([
    { from: 0, to: 0.25, pixels: 0, confidence: NaN, accuracy: NaN },
    { from: 0.25, to: 0.5, pixels: 0, confidence: NaN, accuracy: NaN },
    { from: 0.5, to: 0.75, pixels: 2, confidence: 0.5625, accuracy: 0.5 },
    { from: 0.75, to: 1, pixels: 2, confidence: 0.875, accuracy: 1 },
  ]);
  // Half of the pixels lie 1/16 apart, half 1/8.
  expect(calibration.error).toBeCloseTo(3 / 32, 12);
});

test("no pixels have no error, and bins and lengths are checked", () => {
  const calibration = new Calibration({ classes: 2, voidIndex: null });
  expect(calibration.bins).toHaveLength(15);
  expect(calibration.error).toBeNaN();
  expect(() => new Calibration({ classes: 2, voidIndex: null, bins: 0 })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: calibration: bins: expected a whole number of at least 1, but received 0]`,
  );
  expect(() =>
    calibration.add(new Float32Array(2), new Uint8Array(2), new Int32Array(1)),
  ).toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: calibration: expected as many predictions and true ids as the 2 confidences, but received 2 and 1]`,
  );
});
