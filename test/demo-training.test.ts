/** @file Training in the page of `segkit demo`, in Chromium: progress, stop, resume after a reload, the exported file. */
import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadPredictor } from "../src/inference/index.node.ts";
import { openRuntime } from "../src/runtime/ort.node.ts";
import { serveSite, type SiteServer } from "../src/serve/demo/site-server.node.ts";
import { demoSite } from "../src/serve/demo/site.node.ts";
import { palette, shownScenes } from "../src/studio/training/scenes.ts";
import { Trainer } from "../src/studio/training/trainer.ts";
import { LocalEngine } from "../src/train/engine.ts";
import { MemoryHost } from "../src/train/memory-host.ts";
import { chromium } from "./support/browser.ts";
import { demoModel } from "./support/demo.ts";
import { launch, open, where } from "./support/playwright.ts";

const settings = { height: 32, width: 48, epochs: 2, seed: 7 };
const steps = 48;
/** A busy machine takes a minute for what another does in five seconds, in milliseconds. */
const patience = 280_000;

/** The class ids that the canvases under a heading show. */
const maskIds = (page: Page, heading: string): Promise<number[][]> =>
  page.evaluate(`(() => {
    const colours = ${JSON.stringify(palette.map((colour) => colour.join()))};
    const found = [];
    for (let it = [...document.querySelectorAll(".scenes h3")].find((h3) => h3.textContent.startsWith("${heading}")).nextElementSibling; it?.localName === "figure"; it = it.nextElementSibling) {
      const canvas = it.querySelector("canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      found.push(Array.from({ length: data.length / 4 }, (_, i) => colours.indexOf([...data.slice(4 * i, 4 * i + 3)].join())));
    }
    return found;
  })()`);

/** The losses of the first steps in Node. */
async function lossesInNode(count: number): Promise<number[]> {
  const runtime = await openRuntime({ backend: "cpu", threads: 1 });
  const found: number[] = [];
  const trainer = new Trainer({
    host: new MemoryHost(),
    openEngine: async () => ({ engine: new LocalEngine(runtime), reason: undefined }),
    openProcessor: async () => runtime,
    tell: (event) => {
      if (event.kind === "step" && found.push(event.loss) === count) void trainer.hear({ kind: "stop" });
    },
  });
  await trainer.hear({ kind: "start", settings, backend: "auto" });
  return found;
}

/** What the chart says of itself: the losses, and the steps so far. */
async function losses(page: Page): Promise<{ first: number; last: number; steps: number }> {
  const text = (await page.locator(".loss-chart").getAttribute("aria-label"))!;
  const [, first, last, count] = /^Training loss from ([\d.]+) to ([\d.]+) in (\d+) steps/.exec(text)!.map(Number);
  return { first: first!, last: last!, steps: count! };
}

describe.skipIf(!chromium)(`training in the page of segkit demo ${where}`, { timeout: patience }, () => {
  let browser: Browser;
  let server: SiteServer;
  let page: Page;
  let said: string[];

  beforeAll(async () => {
    server = await serveSite(await demoSite({ name: "streets", model: await demoModel(), pictures: [] }), {
      ...{ host: "127.0.0.1", port: 0 },
    });
    browser = await launch();
    ({ page, said } = await open(browser, `${server.url}#train`));
    page.setDefaultTimeout(patience);
  }, patience);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test("shows scenes and their truth before it is asked to train", async () => {
    await page.getByRole("button", { name: "Start training" }).waitFor();
    expect(await page.getByRole("tab", { name: "Train" }).getAttribute("aria-selected")).toBe("true");
    expect(await page.locator(".scenes canvas").count()).toBe(12);
    expect(await page.getByRole("button", { name: "Download model" }).count()).toBe(0);
  });

  test("refuses settings that are none, in the field", async () => {
    await page.getByRole("spinbutton", { name: "Epochs" }).fill("0");
    await page.getByRole("spinbutton", { name: "Epochs" }).press("Enter");
    expect(await page.evaluate(`document.querySelector("[name=epochs]").validity.rangeUnderflow`)).toBe(true);
    expect(await page.getByRole("button", { name: "Start training" }).isVisible()).toBe(true);
  });

  test("stops in the middle of an epoch, at once, and keeps what it has learned", async () => {
    await page.getByLabel("Size").selectOption("32 × 48");
    await page.getByRole("spinbutton", { name: "Epochs" }).fill(String(settings.epochs));
    await page.getByRole("spinbutton", { name: "Seed" }).fill(String(settings.seed));
    await page.getByRole("spinbutton", { name: "Seed" }).press("Enter");
    const stop = page.getByRole("button", { name: "Stop" });
    await stop.waitFor();
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Stop");
    await page.locator(".detail", { hasText: /^[\d.]+ steps\/s, \d\d:\d\d left$/ }).waitFor();
    await page.locator(".epochs tbody tr").waitFor();
    await stop.press("Enter");
    await page.getByRole("button", { name: "Resume" }).waitFor();
    expect((await losses(page)).steps).toBeLessThan(steps);
    expect(await page.locator(".doing").innerText()).toBe("Stopped in epoch 2 of 2");
    expect(await page.locator(".processor").innerText()).toMatch(/^WebAssembly, \d threads?$/);
    expect(await maskIds(page, "Truth")).toEqual(shownScenes(settings).map(({ mask }) => [...mask.data]));
  });

  test("goes on after a reload, to a lower loss", async () => {
    const before = await losses(page);
    const rows = await page.locator(".epochs tbody tr").allInnerTexts();
    await page.reload();
    const resume = page.getByRole("button", { name: "Resume" });
    await resume.waitFor();
    expect(await page.getByRole("spinbutton", { name: "Seed" }).inputValue()).toBe(String(settings.seed));
    await page.waitForFunction(`document.querySelector(".loss-chart polyline")`);
    expect(await losses(page)).toEqual(before);
    expect(await page.locator(".epochs tbody tr").allInnerTexts()).toEqual(rows);
    await resume.click();
    await page.locator(".doing", { hasText: "Trained" }).waitFor();
    const after = await losses(page);
    expect(after.steps).toBe(steps);
    expect(after.last).toBeLessThan(0.8 * after.first);
    expect(await page.locator(".epochs tbody tr").count()).toBe(2);
    expect(await page.locator("#announcement").textContent()).toMatch(
      /^Trained\. accuracy [\d.]+ %, mean IoU [\d.]+ %$/,
    );
  });

  test("the file that it saves gives the same masks in Node", async () => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download model" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("streets.onnx");
    const predictor = await loadPredictor(await readFile(await download.path()), { threads: 1 });
    const masks = await predictor.predictBatch(shownScenes(settings).map(({ image }) => image));
    await predictor.release();
    const [actual, expected] = [masks.flatMap(({ data }) => [...data]), (await maskIds(page, "Prediction")).flat()];
    expect(expected).toHaveLength(4 * settings.height * settings.width);
    expect(actual.filter((id, i) => id === expected[i]).length / expected.length).toBeGreaterThanOrEqual(0.9999);
  });

  test("is predicted with in the page itself", async () => {
    await page.getByRole("button", { name: "Predict with it" }).click();
    await page.getByText("12 classes, trained at 32 × 48").waitFor();
    expect(await page.getByRole("tab", { name: "Predict" }).getAttribute("aria-selected")).toBe("true");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Predict");
    await page.locator("#predict .headline").waitFor();
    expect((await page.locator(".legend .class").allInnerTexts()).toSorted().slice(0, 2)).toEqual(["Building", "Car"]);
  });

  test("fits a telephone", async () => {
    await page.getByRole("tab", { name: "Train" }).click();
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0);
    const small = `[...document.querySelectorAll("button, input, select")].filter((it) => it.offsetParent && it.offsetHeight < 32).length`;
    expect(await page.evaluate(small)).toBe(0);
    expect(said).toEqual([]);
  });

  test("computes on WebGPU what Node computes", async () => {
    const other = await launch(["--enable-unsafe-webgpu", "--disable-gpu-sandbox"]);
    const { page } = await open(other, `${server.url}/?backend=webgpu#train`);
    page.setDefaultTimeout(patience);
    await page.getByLabel("Size").selectOption("32 × 48");
    await page.getByRole("spinbutton", { name: "Seed" }).fill(String(settings.seed));
    await page.getByRole("spinbutton", { name: "Epochs" }).fill(String(settings.epochs));
    await page.getByRole("button", { name: "Start training" }).click();
    await page.locator('.loss-chart[aria-label^="Training loss"]:not([aria-label*=" in 1 steps"])').waitFor();
    const { first, last, steps: count } = await losses(page);
    expect(await page.locator(".processor").innerText()).toBe("GPU (WebGPU)");
    await other.close();
    const expected = await lossesInNode(count);
    expect(first).toBeCloseTo(expected[0]!, 1);
    expect(last).toBeCloseTo(expected.at(-1)!, 1);
  });
});
