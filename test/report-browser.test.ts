/** @file Reports in a browser: from the file system, without a network, with a mouse and with a keyboard. */
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { examine } from "../src/data/check/examine.node.ts";
import { openSource } from "../src/data/check/examine-dataset.node.ts";
import { lossesPlot } from "../src/plots/losses.ts";
import { writePlot } from "../src/plots/write-plot.node.ts";
import { comparisonPage } from "../src/report/comparison-page.node.ts";
import { dataReportPage } from "../src/report/data-page.node.ts";
import { reportPage } from "../src/report/report-page.node.ts";
import { adviseSizes } from "../src/train/size-advice.ts";
import { chromium } from "./support/browser.ts";
import { tempFolder, writeDataset } from "./support/dataset.ts";
import { launch, open as openPage, type Opened, where } from "./support/playwright.ts";
import { madeReport } from "./support/run-report.ts";

describe.skipIf(!chromium)(`reports ${where}`, () => {
  let browser: Browser;
  const files: Record<string, string> = {};

  beforeAll(async () => {
    const folder = await tempFolder();
    const report = await madeReport();
    const data = await writeDataset({
      items: 12,
      valid: 4,
      height: 48,
      width: 64,
      classes: ["sky", "дорога", "天空", "void"],
    });
    await copyFile(join(data, "images/scene_000.png"), join(data, "images/scene_009.png"));
    const source = await openSource(data);
    const checked = await examine(source, { workers: 0 });
    const pages = {
      report: await reportPage(report),
      comparison: await comparisonPage([report, await madeReport({ name: "other", seed: 2 })]),
      "dataset check": await dataReportPage(checked, source, adviseSizes(checked, 8e9)),
    };
    for (const [name, html] of Object.entries(pages)) {
      files[name] = join(folder, `${name}.html`);
      await writeFile(files[name], html);
    }
    browser = await launch();
  });
  afterAll(() => browser?.close());

  /** A page of a file, and what it said and asked for. */
  async function open(name: string, options: object = {}): Promise<Opened> {
    return openPage(browser, pathToFileURL(files[name]!).href, { viewport: { width: 1280, height: 900 }, ...options });
  }

  for (const name of ["report", "comparison", "dataset check"])
    for (const [how, options] of [
      ["light", { colorScheme: "light" }],
      ["dark", { colorScheme: "dark" }],
      ["on a phone", { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
    ] as const)
      test(`the ${name} opens ${how} without a word, asks for nothing and fits the window`, async () => {
        const { page, said, asked } = await open(name, options);
        expect(said).toEqual([]);
        expect(asked).toEqual([pathToFileURL(files[name]!).href]);
        expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
        const broken = "[...document.images].filter((image) => !image.complete || image.naturalWidth === 0).length";
        expect(await page.evaluate(broken)).toBe(0);
        expect(await page.evaluate("document.querySelectorAll('b, i').length")).toBe(
          await page.evaluate("document.querySelectorAll('figcaption b, .figure b, tr.differs b').length"),
        );
        const fonts = "document.fonts.ready.then((fonts) => [...fonts].map(({ weight, status }) => weight + status))";
        expect(await page.evaluate(fonts)).toEqual(["400loaded", "600loaded"]);
        await page.close();
      });

  test("the reader's light or dark setting chooses the plots and the page's colours", async () => {
    const seen = [];
    for (const colorScheme of ["light", "dark"]) {
      const { page } = await open("report", { colorScheme });
      const shown = "[...document.querySelectorAll('.plot svg')].filter((svg) => svg.getClientRects().length > 0)";
      expect(await page.evaluate(`${shown}.length`)).toBe(8);
      expect(await page.evaluate(`${shown}.every((svg) => svg.closest('.on-${colorScheme}') !== null)`)).toBe(true);
      seen.push(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
      await page.close();
    }
    expect(seen).toEqual(["rgb(244, 246, 248)", "rgb(15, 18, 21)"]);
  });

  test("the pictures of a dataset check lie under their masks, as strong as is wanted", async () => {
    const { page } = await open("dataset check");
    expect(await page.evaluate("document.querySelectorAll('#pictures .stack').length")).toBe(9);
    const strength = `getComputedStyle(document.querySelector("#pictures .mask")).opacity`;
    expect(await page.evaluate(strength)).toBe("0.5");
    await page.click("#pictures .strength");
    await page.keyboard.press("End");
    expect(await page.evaluate(strength)).toBe("1");
    await page.close();
  });

  test("a plot's SVG file brings its font along", async () => {
    files.plot = join(await tempFolder(), "plot.svg");
    await writePlot(files.plot, await lossesPlot({ train: [3, 2, 1], valid: [{ batch: 3, loss: 2 }] }));
    const { page, said, asked } = await open("plot");
    expect(said).toEqual([]);
    expect(asked).toHaveLength(1);
    const fonts = "document.fonts.ready.then((fonts) => [...fonts].map(({ weight, status }) => weight + status))";
    expect(await page.evaluate(fonts)).toEqual(["400loaded", "600loaded"]);
    await page.close();
  });

  test("a slider moves with the mouse and with the keyboard, and cuts both masks", async () => {
    const { page } = await open("report");
    const cuts = `["truth", "prediction"].map((name) => getComputedStyle(document.querySelector(".stack ." + name)).clipPath)`;
    const box = await page.evaluate<{ x: number; y: number; width: number }>(
      `(() => { const slider = document.querySelector(".stack"); slider.scrollIntoView(); return slider.getBoundingClientRect().toJSON(); })()`,
    );
    await page.mouse.click(box.x + 0.25 * box.width, box.y + 20);
    const at = await page.evaluate<string>(`document.querySelector(".stack input").value`);
    expect(Number(at)).toBeGreaterThan(20);
    expect(Number(at)).toBeLessThan(30);
    expect(await page.evaluate(`document.activeElement.matches(".stack input")`)).toBe(true);
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowRight");
    expect(await page.evaluate(`document.querySelector(".stack").style.getPropertyValue("--at")`)).toBe("1%");
    expect(await page.evaluate(cuts)).toEqual(["inset(0px 99% 0px 0px)", "inset(0px 0px 0px 1%)"]);
    await page.keyboard.press("End");
    expect(await page.evaluate(`document.querySelector(".stack input").value`)).toBe("100");
    await page.close();
  });

  test("mistakes take the place of the masks when they are asked for", async () => {
    const { page } = await open("report");
    const shown = `[".mask", ".mistakes"].map((name) => getComputedStyle(document.querySelector(".stack " + name)).display)`;
    expect(await page.evaluate(shown)).toEqual(["block", "none"]);
    await page.click(".only");
    expect(await page.evaluate(shown)).toEqual(["none", "block"]);
    await page.close();
  });
});
