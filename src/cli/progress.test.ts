import { expect, test } from "vitest";
import { barLine } from "./progress.ts";

const fit = { before: "epoch 2/10", after: "loss 0.1234  lr 1.0e-3  12.3 img/s  12:34 left", value: 45, total: 91 };

test("the bar takes what the texts leave", () => {
  expect([120, 80, 70, 60, 30].map((columns) => barLine({ ...fit, columns })).join("\n")).toMatchInlineSnapshot(`
    "epoch 2/10  ███████████████░░░░░░░░░░░░░░░  45/91  loss 0.1234  lr 1.0e-3  12.3 img/s  12:34 left
    epoch 2/10  ██████░░░░░░  45/91  loss 0.1234  lr 1.0e-3  12.3 img/s  12:34 left
    epoch 2/10  45/91  loss 0.1234  lr 1.0e-3  12.3 img/s  12:34 left
    epoch 2/10  45/91  loss 0.1234  lr 1.0e-3  12.3 img/s  12:3
    epoch 2/10  45/91  loss 0.123"
  `);
});

test("no line is as wide as the terminal", () => {
  for (let columns = 1; columns < 130; columns++)
    for (const value of [0, 1, 91]) expect(barLine({ ...fit, value, columns }).length).toBeLessThan(columns);
});

test("the count keeps its width", () => {
  expect(barLine({ before: "checking", after: "", value: 7, total: 100, columns: 40 })).toMatchInlineSnapshot(
    `"checking  █░░░░░░░░░░░░░░░░░    7/100"`,
  );
});
