import { expect, test } from "vitest";
import { bestRow, columnOf, metricColumns, parseEpochs } from "./epoch-table.ts";

const text =
  "epoch,train_loss,valid_loss,acc_camvid,mean_iou,time\n0,2.0,1.5,0.5,0.3,00:10\n1,1.0,0.9,#na#,0.5,00:12\n";

test("columns, numbers and the best epoch", () => {
  const table = parseEpochs(text);
  expect(columnOf(table, "valid_loss")).toEqual([1.5, 0.9]);
  expect(columnOf(table, "acc_camvid")).toEqual([0.5, NaN]);
  expect(columnOf(table, "unknown")).toEqual([NaN, NaN]);
  expect(metricColumns(table)).toEqual(["acc_camvid", "mean_iou"]);
  expect(bestRow(table)).toBe(1);
  expect(bestRow(parseEpochs(text.replace("0.3", "0.5")))).toBe(0);
  expect(bestRow(parseEpochs(text.split("\n")[0]!))).toBeNull();
});

test("what is no table is named", () => {
  expect(() => parseEpochs("")).toThrowErrorMatchingInlineSnapshot(
    `[CorruptFileError: expected epochs and their numbers, but received columns ""]`,
  );
  expect(() => parseEpochs(`${text}2,1\n`)).toThrowErrorMatchingInlineSnapshot(
    `[CorruptFileError: line 4: expected 6 columns, but received 2]`,
  );
});
