import { readFile } from "node:fs/promises";
import path from "node:path";
import { Blob, Face } from "harfbuzzjs";
import sharp from "sharp";
import subsetFont from "subset-font";
import { expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import { withFonts } from "./font-faces.node.ts";
import { interLetters } from "./inter.node.ts";
import { svgToPng } from "./png.node.ts";
import { writePlot } from "./write-plot.node.ts";

const svg = (text: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><rect width="60" height="20" fill="#fff"/><text x="2" y="15" font-family="Inter" font-size="14">${text}</text></svg>`;

/** How many letters each font has that an SVG of a text brings along. */
async function lettersIn(text: string): Promise<number[]> {
  const fonts = [...(await withFonts(svg(text))).matchAll(/base64,([^)]*)\)/g)];
  const all = String.fromCodePoint(...(await interLetters()));
  const unpacked = fonts.map(([, data]) => subsetFont(Buffer.from(data!, "base64"), all, { targetFormat: "truetype" }));
  return (await Promise.all(unpacked)).map((font) => new Face(new Blob(font)).collectUnicodes().length);
}

test("the extension decides: SVG with its font, PNG with two pixels a unit", async () => {
  const folder = await tempFolder();
  await writePlot(path.join(folder, "new", "a.svg"), svg("a"));
  const written = await readFile(path.join(folder, "new", "a.svg"), "utf8");
  expect(written.replace(/<style>[^<]*<\/style>/, "")).toBe(svg("a"));
  const faces = [
    ...written.matchAll(/font-family:Inter;font-weight:(\d+);src:url\(data:font\/woff2;base64,([^)]*)\)/g),
  ];
  expect(faces.map(([, weight, data]) => [weight, Buffer.from(data!, "base64").toString("latin1", 0, 4)])).toEqual([
    ["400", "wOF2"],
    ["600", "wOF2"],
  ]);
  expect(written.length).toBeLessThan(40_000);
  await writePlot(path.join(folder, "a.PNG"), svg("a"));
  expect(await sharp(path.join(folder, "a.PNG")).metadata()).toMatchObject({ format: "png", width: 120, height: 40 });
  await expect(writePlot("a.jpg", svg("a"))).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: plot: expected a file name that ends in .svg or .png, but received a.jpg]`,
  );
});

test("text is drawn in segkit's own font", async () => {
  const folder = await tempFolder();
  const inked = async (text: string): Promise<number> => {
    const file = path.join(folder, `${text}.png`);
    await writePlot(file, svg(text));
    const grey = await sharp(file).greyscale().raw().toBuffer();
    return grey.reduce((dark, value) => dark + (value < 128 ? 1 : 0), 0);
  };
  const [narrow, wide] = [await inked("iii"), await inked("WWW")];
  expect(narrow).toBeGreaterThan(20);
  expect(wide).toBeGreaterThan(2 * narrow);
});

test("letters that the font lacks are written in Latin ones, and none becomes a box", async () => {
  const same = async (text: string, as: string): Promise<boolean> => {
    const [a, b] = await Promise.all([text, as].map((each) => svgToPng(svg(each))));
    return Buffer.compare(a!, b!) === 0;
  };
  expect(await same("天空", "TianKong")).toBe(true);
  expect(await same("Straße 天", "Straße Tian")).toBe(true);
  expect(await same("ถนน", "thnn")).toBe(true);
  expect(await same("🚗", ":red_car:")).toBe(true);
  // What is XML's own stays text.
  expect(await same("≪", "&lt;&lt;")).toBe(true);
  // Those it has are drawn as they are.
  expect(await same("Дорога", "Doroga")).toBe(false);
  expect(await same("οδός", "odos")).toBe(false);
});

test("an SVG brings along the letters it has, beyond ASCII too", async () => {
  const [ascii, cyrillic, chinese] = await Promise.all(["Road", "Дорога 天", "天"].map(lettersIn));
  expect(ascii).toEqual([95, 95]);
  expect(cyrillic).toEqual([100, 100]);
  expect(chinese).toEqual([95, 95]);
});

test("what cannot be written is named", async () => {
  const folder = await tempFolder();
  await writePlot(path.join(folder, "file.svg"), svg("a"));
  await expect(writePlot(path.join(folder, "file.svg", "b.svg"), svg("a"))).rejects.toMatchObject({
    name: "ResourceError",
  });
});
