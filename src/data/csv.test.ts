import { expect, test } from "vitest";
import { csvLine, cell, parseCsv } from "./csv.ts";

test("quotes, line ends and blanks as in RFC 4180", () => {
  const text = '\uFEFFname,note\r\na.png,"x, ""y""\r\nz"\r\n\r\nb.png,\nc.png,"" \n'.replace('"" ', '""');
  expect(parseCsv(text, "a.csv")).toEqual([
    { name: "a.png", note: 'x, "y"\r\nz' },
    { name: "b.png", note: "" },
    { name: "c.png", note: "" },
  ]);
  expect(parseCsv("1;2\n3;", "a.csv", { delimiter: ";", header: ["a", "b"] })).toEqual([
    { a: "1", b: "2" },
    { a: "3", b: "" },
  ]);
  expect(parseCsv("", "a.csv")).toEqual([]);
});

test("what is wrong is named", () => {
  expect(() => parseCsv("a,b\n1\n", "a.csv")).toThrowErrorMatchingInlineSnapshot(
    `[DataError: data: row 2 of a.csv has 1 fields, but there are 2 columns]`,
  );
  expect(() => parseCsv('a,b\n1,"2\n', "a.csv")).toThrowErrorMatchingInlineSnapshot(
    `[DataError: data: a.csv has a double quote that does not end]`,
  );
  expect(() => parseCsv('a,b\n"1"2,3\n', "a.csv")).toThrowErrorMatchingInlineSnapshot(
    `[DataError: data: row 2 of a.csv: expected a separator after a quoted field]`,
  );
});

test("a cell by name or position; blanks are errors", () => {
  const row = { name: "a.png", mask: "", share: Number.NaN, none: null };
  expect(cell(row, 0, "fromDf")).toBe("a.png");
  expect(cell(row, "name", "fromDf")).toBe("a.png");
  for (const column of ["mask", "share", "none", "other", 9])
    expect(() => cell(row, column, "fromDf")).toThrow(`data: fromDf: no value in column ${column} of the row`);
});

test("a line is read back as it was written", () => {
  const values = ["a,b", 'say "x"', "two\nlines", "", 3];
  const [row] = parseCsv(csvLine(["a", "b", "c", "d", "e"]) + csvLine(values), "table");
  expect(Object.values(row!)).toEqual(values.map(String));
  expect(csvLine(["plain", 0.5])).toBe("plain,0.5\n");
});
