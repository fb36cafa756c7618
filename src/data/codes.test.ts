import { describe, expect, test } from "vitest";
import { parseCodes, voidIndexOf } from "./codes.ts";

describe("parseCodes", () => {
  test("reads one name per line, whatever the line ends and what trails", () => {
    const names = ["Sky", "Traffic light", "Void"];
    expect(parseCodes("Sky\nTraffic light\nVoid")).toEqual(names);
    expect(parseCodes("\uFEFFSky\r\nTraffic light\r\nVoid\r\n\r\n  \r\n")).toEqual(names);
  });

  test.each([
    ["", "data: codes.txt is empty"],
    ["\n\n", "data: codes.txt is empty"],
    ["a\n\nb", "data: line 2 of codes.txt is blank, so the id of every class after it is in doubt"],
    ["\na", "data: line 1 of codes.txt is blank, so the id of every class after it is in doubt"],
    ["Car\nSky\nCar\n", 'data: codes.txt names class "Car" twice (lines 1 and 3)'],
    ["person", "data: codes.txt names one class, but segmentation needs at least two"],
    ["a\0b\0\n\0", "data: codes.txt is not UTF-8 text"],
    [
      Array.from({ length: 257 }, (_, i) => i).join("\n"),
      "data: codes.txt names 257 classes, but a mask can hold 256 ids",
    ],
  ])("%j is refused with a remedy", (text, message) => {
    expect(() => parseCodes(text)).toThrowError(
      expect.objectContaining({ message, exitCode: 3, hint: expect.any(String) }),
    );
  });
});

test("the void class is found by its usual names", () => {
  expect(voidIndexOf(["Sky", "VOID"])).toBe(1);
  expect(voidIndexOf(["Unlabelled", "road"])).toBe(0);
  expect(voidIndexOf(["road", "unlabeled"])).toBe(1);
  expect(voidIndexOf(["road", "ignore", "void"])).toBe(1);
  expect(voidIndexOf(["background", "devoid"])).toBeNull();
});
