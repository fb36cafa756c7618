import { expect, test } from "vitest";
import { explainValues, histogramOf, largestValue } from "./mask-values.ts";

const explain = (values: readonly number[], classes: number) =>
  explainValues(histogramOf(Uint8Array.from(values)), classes);

test("the likely cause of values beyond the classes", () => {
  expect(explain([0, 255, 255], 2)).toMatchInlineSnapshot(
    `"The masks hold only 0 and 255: divide them by 255 with the mask option div (--mask-div), so that the ids are 0 and 1."`,
  );
  expect(explain([0, 1, 2, 255], 3)).toMatchInlineSnapshot(
    `"255 usually marks pixels to ignore: set the mask option ignoreIndex to 255 (--ignore-index 255), or valueMap (--mask-map) to give them the id of a void class, here 3, with "Void" added as the last line of codes.txt."`,
  );
  expect(explainValues(histogramOf(Uint8Array.of(0, 1, 255)), 3, 2)).toMatchInlineSnapshot(
    `"255 usually marks pixels to ignore: set the mask option ignoreIndex to 255 (--ignore-index 255), or valueMap (--mask-map) to give them the id of a void class, here 2."`,
  );
  expect(explain([1, 2, 3, 3], 3)).toMatchInlineSnapshot(
    `"The ids begin at 1: subtract 1 from every value with the mask option valueMap, { 1: 0, 2: 1, … } (--mask-map)."`,
  );
  expect(explain([0, 38, 75, 113], 21)).toMatchInlineSnapshot(
    `"The masks hold 4 values between 0 and 113, which looks like the brightness of colours: give every value the id of its class, 0–20, with the mask option valueMap (--mask-map)."`,
  );
  expect(explain([0, 1, 2, 3, 4, 5], 3)).toMatchInlineSnapshot(
    `"The masks use ids up to 5: codes.txt needs 6 names, or the masks other ids."`,
  );
});

test("histograms", () => {
  const histogram = histogramOf(Uint8Array.of(3, 3, 9));
  expect([histogram[3], histogram[9], histogram[0]]).toEqual([2, 1, 0]);
  expect(largestValue(histogram)).toBe(9);
});
