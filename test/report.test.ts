/** @file Reports as text: complete, self-contained, and nothing of a run's names is markup in them. */
import { beforeAll, describe, expect, test } from "vitest";
import { comparisonPage } from "../src/report/comparison-page.node.ts";
import { reportPage } from "../src/report/report-page.node.ts";
import type { RunReport } from "../src/report/run-report.ts";
import { hostile, madeReport } from "./support/run-report.ts";

const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`);
/** Without the blanks around tags, which are only there for who reads the source. */
const tight = (html: string): string => html.replaceAll(/\s*(<[^>]*>)\s*/g, "$1").replaceAll(" />", "/>");
/** The visible text, tags left out. */
const textOf = (html: string): string =>
  html
    .replaceAll(/<(style|script)>[^]*?<\/\1>/g, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");
const idsOf = (html: string): string[] => [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id!);

/** What holds for every report. */
function expectSelfContained(html: string): void {
  expect(html).toMatch(/^<!doctype html>/);
  expect(html).toContain("default-src 'none'".replaceAll("'", "&#39;"));
  // Nothing is loaded: sources are data, links lead into the page, and the only addresses name XML's namespaces.
  for (const [, source] of html.matchAll(/\s(?:src|srcset|poster|data)="([^"]*)"/g)) expect(source).toMatch(/^data:/);
  for (const [, target] of html.matchAll(/\shref="([^"]*)"/g)) expect(target).toMatch(/^(#|data:)/);
  for (const [, target] of html.matchAll(/url\(([^)]*)\)/g)) expect(target).toMatch(/^(#|data:font\/woff2;base64,)/);
  expect(html).not.toContain("@import");
  const addresses = html.match(/\bhttps?:\/\/[^\s"'<>]+/g) ?? [];
  expect(addresses.filter((address) => !address.startsWith("http://www.w3.org/"))).toEqual([]);
  const ids = idsOf(html);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, id] of html.matchAll(/(?:href="#|url\(#|aria-labelledby=")([^")]+)/g)) expect(ids).toContain(id);
  // One script, our own; names of classes and pictures are none.
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html.match(/<\/style>/g)).toHaveLength(1);
  for (const name of [...hostile, "<i>0"]) if (/[<>]/.test(name)) expect(html).not.toContain(name);
  expect(html).toContain(escaped(hostile[0]!));
}

describe("the report of a run", () => {
  let report: RunReport;
  let html: string;
  beforeAll(async () => {
    report = await madeReport();
    html = tight(await reportPage(report));
  });

  test("needs nothing beside itself, and names are no markup", () => {
    expectSelfContained(html);
  });

  test("has every section, and a way to each", () => {
    const sections = [...html.matchAll(/<section id="([^"]*)"/g)].map(([, id]) => id!);
    expect(sections).toEqual(["pictures", "classes", "plots", "confusion", "epochs", "run", "timing", "use"]);
    for (const id of sections) expect(html).toContain(`<a href="#${id}">`);
  });

  test("says what was trained on what", () => {
    const text = textOf(html);
    for (const said of [
      ...[report.record!.data.hash, report.record!.data.split, "40 to train on, 9 to validate on"],
      ...["segkit 9.9.9", "node 20.0.0", "Some CPU, 2 cores, 8.0 GiB", "Seed 1", "cpu, 2 threads", "resnet18"],
      ...["24×32", "weights drawn at random", "2026-01-02 03:04 UTC"],
    ])
      expect(text).toContain(said);
  });

  test("has every plot in both themes, and no id twice", () => {
    const titles = [...html.matchAll(/<div class="on-light"><svg [^>]*aria-label="([^"]*)"/g)].map(
      ([, title]) => title!,
    );
    expect(titles).toEqual([
      "Training loss over the batches, validation loss at the ends of the epochs",
      "Learning rate and momentum over the batches",
      "Loss over the learning rate, the suggested rates marked",
      "Metrics over the epochs",
      "Intersection over union of every class",
      "Accuracy over confidence, and how many pixels have each confidence",
      "Share of every class in pixels and pictures, training and validation",
      "How the pixels of every true class were predicted",
    ]);
    expect(html.match(/<div class="on-light"><svg /g)).toHaveLength(8);
    expect(html.match(/<div class="on-dark"><svg /g)).toHaveLength(8);
  });

  test("shows best, median and worst pictures, each with a slider that has a name", () => {
    expect(html.match(/<figure class="pair">/g)).toHaveLength(9);
    expect(html.match(/<input type="range" min="0" max="100" value="50" aria-label="[^"]+: share/g)).toHaveLength(9);
    for (const rank of ["best", "median", "worst"])
      expect(html.match(new RegExp(`<span class="rank">${rank}<`, "g"))).toHaveLength(3);
    expect(html.match(/<img class="photo" src="data:image\/jpeg;base64,/g)).toHaveLength(9);
    expect(html.match(/<img class="mask truth" src="data:image\/png;base64,/g)).toHaveLength(9);
  });

  test("has the epochs with the best set off, and the classes with and without void", () => {
    expect(html.match(/<tr class="best"><th scope="row">1<\/th><td>1\.000000<\/td>/g)).toHaveLength(1);
    const text = textOf(html);
    expect(text).toContain("Without void With void as a class");
    // 0.2, 0.4, 0.6 and, with void, 0.8.
    expect(text).toContain("Mean 0.4000 0.4000 0.4000 0.4000 0.5000 0.5000 0.5000 0.5000");
    expect(text).toContain("12,345");
    expect(text).toContain("0:33".padStart(5, "0"));
  });

  test("says how to use the model", () => {
    expect(textOf(html)).toContain("segkit predict runs/train/made photo.jpg --out masks");
    expect(html).toContain(`readWeights(${escaped('"runs/train/made/weights/best.safetensors"')})`);
  });

  test("of a run without run.json says so, and shows the losses over the epochs", async () => {
    const old = await reportPage({ ...report, record: null });
    expectSelfContained(old);
    expect(textOf(old)).toContain("This run has no run.json");
    expect(textOf(old)).toContain("train_loss");
    expect(old.match(/<div class="on-light"><svg /g)).toHaveLength(6);
    expect(textOf(old)).toContain("00:33");
  });

  test("of classes without void has one group of scores", async () => {
    const { card } = report;
    const text = textOf(await reportPage({ ...report, card: { ...card, voidIndex: null } }));
    expect(text).toContain("There is no void class");
    expect(text).not.toContain("With void as a class");
  });
});

describe("a comparison", () => {
  test("puts the runs side by side: what differs, scores, classes, pictures", async () => {
    const [first, second] = [await madeReport({ name: "first" }), await madeReport({ name: "<b>second", seed: 2 })];
    const examined = { ...second.examined, metrics: { ...second.examined.metrics, mean_iou: 0.6 } };
    const html = tight(await comparisonPage([first, { ...second, examined }]));
    expectSelfContained(html);
    const text = textOf(html);
    expect(html).not.toContain("<b>second");
    expect(text).toContain("The runs were validated on different pictures.");
    expect(text).not.toContain("different data");
    expect(html).toContain('<td class="">0.5000</td><td class="best">0.6000</td>');
    expect(html).toMatch(/<tr class="differs"><th scope="row">seed<\/th><td><b>1<\/b><\/td><td><b>2<\/b><\/td>/);
    expect(html).toMatch(/<tr class="same"><th scope="row">bs<\/th><td>8<\/td><td>8<\/td>/);
    expect(html.match(/<figure class="pair">/g)).toHaveLength(18);
    expect(html.match(/<h3>/g)).toHaveLength(9);
  });

  test("of runs that are called alike names their folders", async () => {
    const report = await madeReport({ name: "same" });
    const html = tight(await comparisonPage([report, { ...report, path: "other/same" }]));
    expect(textOf(html)).toContain("runs/train/same · other/same");
  });
});
