import { expect, test } from "vitest";
import { choosePictures } from "./choose-pictures.ts";

const scores = (losses: readonly number[]) =>
  losses.map((loss, index) => ({ index, id: `p${index}`, loss, accuracy: 1 - loss / 10 }));
const chosen = (losses: readonly number[], each?: number, top?: number): string =>
  choosePictures(scores(losses), each, top)
    .map(({ rank, score }) => `${rank} ${score.loss}`)
    .join(", ");

test("the lowest, the middle and the highest losses", () => {
  expect(chosen([5, 1, 9, 3, 7, NaN, 2, 8, 4, 6], 2)).toBe("best 1, best 2, median 4, median 5, worst 8, worst 9");
  expect(chosen([5, 1, 9, 3, 7, 2, 8, 4, 6])).toBe(
    "best 1, best 2, best 3, median 4, median 5, median 6, worst 7, worst 8, worst 9",
  );
});

test("as many top losses as are asked for", () => {
  expect(chosen([5, 1, 9, 3, 7, 2, 8, 4, 6], 1, 4)).toBe("best 1, median 5, worst 6, worst 7, worst 8, worst 9");
  expect(chosen([1, 2, 3], 3, 20)).toBe("best 1, worst 2, worst 3");
});

test("of few pictures none is shown twice", () => {
  expect(chosen([])).toBe("");
  expect(chosen([1])).toBe("best 1");
  expect(chosen([1, 2])).toBe("best 1, worst 2");
  expect(chosen([1, 2, 3])).toBe("best 1, median 2, worst 3");
  expect(chosen([1, 2, 3, 4])).toBe("best 1, median 2, worst 4");
  for (let n = 0; n < 12; n++) {
    const ids = choosePictures(scores(Array.from({ length: n }, (_, i) => i))).map(({ score }) => score.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThanOrEqual(Math.min(n, 3));
  }
});
