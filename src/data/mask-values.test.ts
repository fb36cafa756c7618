import { expect, test } from "vitest";
import { causesOfValues, explainValues, histogramOf, largestValue } from "./mask-values.ts";

const explain = (values: readonly number[], classes: number) => explainValues([values], classes);

test("the likely cause of values beyond the classes", () => {
  expect(explain([0, 255], 2)).toMatchInlineSnapshot(
    `"The masks hold only 0 and 255: divide them by 255 with the mask option div (--mask-div), so that the ids are 0 and 1."`,
  );
  expect(explain([0, 1, 2, 255], 3)).toMatchInlineSnapshot(
    `"255 usually marks pixels to ignore: set the mask option ignoreIndex to 255 (--ignore-index 255), or valueMap (--mask-map) to give them the id of a void class, here 3, with "Void" added as the last line of codes.txt."`,
  );
  expect(explainValues([[0, 1, 255]], 3, 2)).toMatchInlineSnapshot(
    `"255 usually marks pixels to ignore: set the mask option ignoreIndex to 255 (--ignore-index 255), or valueMap (--mask-map) to give them the id of a void class, here 2."`,
  );
  expect(explain([1, 2, 3], 3)).toMatchInlineSnapshot(
    `"The ids begin at 1: subtract 1 from every value with the mask option valueMap, { 1: 0, 2: 1, … } (--mask-map)."`,
  );
  expect(explain([0, 38, 75, 113], 21)).toMatchInlineSnapshot(
    `"The masks hold 4 values between 0 and 113, which looks like the brightness of colours: give every value the id of its class, 0–20, with the mask option valueMap (--mask-map)."`,
  );
  expect(explain([0, 1, 2, 3, 4, 5], 3)).toMatchInlineSnapshot(
    `"The masks use ids up to 5: codes.txt needs 6 names, or the masks other ids."`,
  );
});

test("of each mask by itself, where its values tell", () => {
  const masks = [
    [0, 255],
    [0, 1, 255],
    [1, 2, 4],
    [0, 38, 75, 113],
    [0, 1, 2, 3, 4, 5],
  ];
  expect(causesOfValues(masks, 4)).toEqual([
    "binary-values",
    "ignore-value",
    "one-based-ids",
    "brightness-values",
    "ids-beyond-classes",
  ]);
  expect(explainValues(masks.slice(3), 4)).toContain("4 values between 0 and 113");
});

test("of a mask whose values fit several causes, what more of the others have", () => {
  const of = (...masks: readonly (readonly number[])[]): string => causesOfValues(masks, 4).join(" ");
  const [binary, ignored, beyond] = [
    [0, 255],
    [0, 1, 255],
    [0, 1, 2, 4],
  ];
  expect(of(binary, ignored)).toBe("binary-values ignore-value");
  expect(of(binary, ignored, ignored)).toBe("ignore-value ignore-value ignore-value");
  expect(of(binary, [0, 85, 255], [0, 85, 170, 255])).toBe("brightness-values brightness-values brightness-values");
  expect(of([2, 4], [1, 2, 4], [1, 3, 4])).toBe("one-based-ids one-based-ids one-based-ids");
  expect(of([1, 4], beyond, beyond)).toBe("ids-beyond-classes ids-beyond-classes ids-beyond-classes");
  expect(of([0, 6], [0, 1, 2, 6], [0, 1, 4, 6])).toBe("ids-beyond-classes ids-beyond-classes ids-beyond-classes");
  expect(of([0, 113], [0, 1, 2, 6], [0, 1, 4, 6])).toBe("brightness-values ids-beyond-classes ids-beyond-classes");
});

test("histograms", () => {
  const histogram = histogramOf(Uint8Array.of(3, 3, 9));
  expect([histogram[3], histogram[9], histogram[0]]).toEqual([2, 1, 0]);
  expect(largestValue(histogram)).toBe(9);
});
