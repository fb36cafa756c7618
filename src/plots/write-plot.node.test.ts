import { readFile } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import { writePlot } from "./write-plot.node.ts";

const svg = (text: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><rect width="60" height="20" fill="#fff"/><text x="2" y="15" font-family="Inter" font-size="14">${text}</text></svg>`;

test("the extension decides: SVG as it is, PNG with two pixels a unit", async () => {
  const folder = await tempFolder();
  await writePlot(path.join(folder, "new", "a.svg"), svg("a"));
  expect(await readFile(path.join(folder, "new", "a.svg"), "utf8")).toBe(svg("a"));
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

test("what cannot be written is named", async () => {
  const folder = await tempFolder();
  await writePlot(path.join(folder, "file.svg"), svg("a"));
  await expect(writePlot(path.join(folder, "file.svg", "b.svg"), svg("a"))).rejects.toMatchObject({
    name: "ResourceError",
  });
});
