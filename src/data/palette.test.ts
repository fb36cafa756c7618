import { expect, test } from "vitest";
import { camvidClasses } from "../../test/support/camvid.ts";
import { colourDistance, distinctColours, paletteFor } from "./palette.ts";

const camvid = "Sky Building Pole Road Sidewalk Tree Sign Fence Car Pedestrian Cyclist Void".split(" ");

test("CamVid's classes have CamVid's colours", () => {
  expect(paletteFor(camvid, 11)).toEqual([
    [128, 128, 128],
    [128, 0, 0],
    [192, 192, 128],
    [128, 64, 128],
    [0, 0, 192],
    [128, 128, 0],
    [192, 128, 128],
    [64, 64, 128],
    [64, 0, 128],
    [64, 64, 0],
    [0, 128, 192],
    [0, 0, 0],
  ]);
});

test("so have the database's 32 classes, in any order and without void too", () => {
  const colours = paletteFor(camvidClasses, 30);
  expect(colours[camvidClasses.indexOf("Column_Pole")]).toEqual([192, 192, 128]);
  expect(paletteFor(camvidClasses.toReversed())).toEqual(colours.toReversed());
  expect(paletteFor(camvid.slice(0, 11))).toEqual(paletteFor(camvid, 11).slice(0, 11));
  const aliases = [
    "Column_Pole",
    "SignSymbol",
    "Bicyclist",
    ...camvid.filter((name) => !/Pole|Sign|Cyclist/.test(name)),
  ];
  expect(paletteFor(aliases)[2]).toEqual([0, 128, 192]);
});

test("some of CamVid's names are not CamVid: a dataset of roads and cars has the default palette", () => {
  expect(paletteFor(["Road", "Car", "Void"], 2)).toEqual([...distinctColours(2), [0, 0, 0]]);
  expect(paletteFor(["sky", "tree"])).toEqual(distinctColours(2));
});

test("one foreign name makes it the default palette, with black for void", () => {
  const palette = paletteFor(["Sky", "Boat", "Void", "constructor"], 2);
  expect(palette).toEqual([
    [230, 159, 0],
    [86, 180, 233],
    [0, 0, 0],
    [0, 158, 115],
  ]);
});

test("256 classes have 256 colours, none of them black, and fewer have the first of them", () => {
  const all = distinctColours(256);
  expect(new Set(all.map(String)).size).toBe(256);
  expect(all.map(String)).not.toContain("0,0,0");
  expect(distinctColours(3)).toEqual(all.slice(0, 3));
  expect(distinctColours(40)).toEqual(all.slice(0, 40));
});

test("colours of up to 20 classes lie as far apart, for colour-blind eyes too, as Okabe and Ito's seven", () => {
  const closest = (count: number): number => {
    const colours = distinctColours(count);
    return Math.min(...colours.flatMap((a, i) => colours.slice(0, i).map((b) => colourDistance(a, b))));
  };
  expect(colourDistance([255, 0, 0], [255, 0, 0])).toBe(0);
  // Red and green of one brightness, which deuteranopic eyes confuse.
  expect(colourDistance([200, 80, 80], [115, 128, 80])).toBeLessThan(0.06);
  expect(closest(7)).toBeGreaterThan(0.07);
  expect(closest(20)).toBeGreaterThanOrEqual(closest(7));
});
