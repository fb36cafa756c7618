import { expect, test } from "vitest";
import { calibrationPlot } from "./calibration.ts";
import { classBalancePlot } from "./class-balance.ts";
import { classBarsPlot } from "./class-bars.ts";
import { confusionPlot } from "./confusion.ts";
import { lossesPlot } from "./losses.ts";
import { lrFinderPlot } from "./lr-finder.ts";
import { metricsPlot } from "./metrics.ts";
import { runsPlot } from "./runs.ts";
import { schedulePlot } from "./schedule.ts";
import { drawn } from "./series.ts";
import { themes } from "./theme.ts";

/** The texts of an SVG, in order. */
const textsOf = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]!);
/** Points of the first line in a colour, in pixels. */
function lineIn(svg: string, colour: string): [number, number][] {
  const path = [...svg.matchAll(/<path [^>]*d="([^"]+)"[^>]*>/g)].find(
    (match) => match[0].includes(`stroke="${colour}"`) && match[1]!.split("L").length > 2,
  );
  return path![1]!
    .slice(1)
    .split("L")
    .map((pair) => pair.split(",").map(Number) as [number, number]);
}
const [blue, orange] = themes.light.series;

test("losses: training every batch, validation at the batches trained by then", async () => {
  const losses = {
    train: [4, 3, 2, 1, 0.5],
    valid: [
      { batch: 2, loss: 3 },
      { batch: 4, loss: 1 },
      { batch: 5, loss: NaN },
    ],
  };
  const svg = await lossesPlot(losses);
  expect(textsOf(svg)).toEqual(
    expect.arrayContaining(["Loss", "Batches processed", "training (smoothed)", "validation"]),
  );
  const train = lineIn(svg, blue);
  expect(train).toHaveLength(5);
  const dots = [...svg.matchAll(/aria-roledescription="point"[^>]*transform="translate\(([\d.]+),([\d.]+)\)"/g)];
  expect(dots).toHaveLength(2);
  // The loss of 3 at two batches lies below the training loss of 4 at none, as high as that of 3 at one.
  expect(Number(dots[0]![2])).toBeCloseTo(train[1]![1], 1);
  expect(Number(dots[0]![1])).toBeCloseTo(train[2]![0], 1);
  const cut = await lossesPlot(losses, { skipStart: 1, skipEnd: 1 });
  expect(lineIn(cut, blue)).toHaveLength(3);
});

test("losses: the other theme has other colours", async () => {
  const svg = await lossesPlot({ train: [2, 1], valid: [] }, { theme: "dark" });
  expect(svg).toContain(themes.dark.background);
  expect(svg).not.toContain(themes.light.background);
});

test("a schedule has a panel, with momentum two", async () => {
  const history = { lrs: [0.1, 0.2, 0.1], moms: [0.95, 0.85, 0.95] };
  expect(textsOf(await schedulePlot(history))).not.toContain("Momentum");
  const svg = await schedulePlot(history, { showMoms: true });
  expect(textsOf(svg)).toEqual(expect.arrayContaining(["Learning rate", "Momentum"]));
  const [start, middle] = lineIn(svg, orange);
  expect(middle![1]).toBeGreaterThan(start![1]);
});

test("metrics have a panel each; epochs without a value are left out", async () => {
  const svg = await metricsPlot([
    { title: "acc_camvid", values: [0.5, 0.6, 0.7] },
    { title: "mean_iou", values: [0.2, NaN, 0.4] },
  ]);
  expect(textsOf(svg)).toEqual(expect.arrayContaining(["acc_camvid", "mean_iou"]));
  expect(lineIn(svg, blue)).toHaveLength(3);
  expect([...svg.matchAll(/aria-roledescription="point"/g)]).toHaveLength(5);
});

test("the learning rate finder marks its suggestion on the curve, over a logarithmic axis", async () => {
  const lrs = Array.from({ length: 40 }, (_, i) => 1e-6 * 10 ** (i / 8));
  const losses = lrs.map((lr) => 3 - Math.log10(lr / 1e-6) / 2);
  const svg = await lrFinderPlot({ lrs, losses, suggestions: { suggestion: lrs[20]! } });
  const line = lineIn(svg, blue);
  expect(line).toHaveLength(25);
  const [, x, y] = /aria-roledescription="point"[^>]*transform="translate\(([\d.]+),([\d.]+)\)"/.exec(svg)!;
  expect(Number(x)).toBeCloseTo(line[10]![0], 1);
  expect(Number(y)).toBeCloseTo(line[10]![1], 1);
  // Equal steps of the exponent are equal steps of the axis.
  expect(line[20]![0] - line[10]![0]).toBeCloseTo(line[10]![0] - line[0]![0], 1);
  expect(textsOf(svg)).toContain("suggestion: 3.2e-4");
});

test("a confusion matrix keeps rows true and columns predicted, and leaves classes without pixels empty", async () => {
  const svg = await confusionPlot(
    [
      [0.9, 0.1],
      [NaN, NaN],
    ],
    ["sky", "road"],
  );
  const cells = [...svg.matchAll(/aria-label="([^"]+)"[^>]*d="[^"]*"[^>]*fill="(#?[^"]+)"/g)].map((cell) => cell[1]);
  expect(cells.filter((said) => said!.includes(" as "))).toEqual(["sky as sky: 90.0 %", "sky as road: 10.0 %"]);
  expect(textsOf(svg)).toEqual(expect.arrayContaining(["sky", "road", "90", "10"]));
  await expect(confusionPlot([[1]], ["sky", "road"])).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: plotConfusionMatrix: expected 2×2 shares for 2 classes, but received 1 rows]`,
  );
});

test.each(["light", "dark"] as const)(
  "the numbers of a %s confusion matrix can be read on every cell",
  async (theme) => {
    const shares = Array.from({ length: 10 }, (_, t) => Array.from({ length: 10 }, (_, p) => (10 * t + p + 1) / 100));
    const svg = await confusionPlot(
      shares,
      shares.map((_, i) => `c${i}`),
      { theme },
    );
    const cells = [...svg.matchAll(/aria-label="c\d as c\d: [^"]*"[^>]*?fill="([^"]+)"/g)].map(([, fill]) => fill!);
    const numbers = [...svg.matchAll(/<text[^>]*fill="([^"]+)"[^>]*>\d+<\/text>/g)].map(([, fill]) => fill!);
    expect([cells.length, numbers.length]).toEqual([100, 100]);
    expect(Math.min(...cells.map((cell, i) => contrast(cell, numbers[i]!)))).toBeGreaterThan(3.7);
  },
);

/** WCAG 2.1's ratio of two colours, `#rrggbb` or `rgb(r, g, b)`. */
function contrast(...colours: readonly string[]): number {
  const [dark, light] = colours
    .map((colour) => {
      const channels = colour.startsWith("#")
        ? [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
        : colour.match(/\d+/g)!.map(Number);
      const [r, g, b] = channels.map((v) => (v <= 10 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
    })
    .toSorted((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

test("bars stand from the best class to those without a score", async () => {
  const scores = [
    { name: "sky", score: 0.5 },
    { name: "void", score: null },
    { name: "road", score: 0.75 },
  ];
  const texts = textsOf(await classBarsPlot(scores, { title: "IoU" }));
  expect(texts.filter((text) => ["sky", "void", "road"].includes(text))).toEqual(["road", "sky", "void"]);
  expect(texts).toEqual(expect.arrayContaining(["IoU by class", "0.750", "0.500", "–"]));
});

test("a class's colour stands beside its name", async () => {
  const svg = await classBarsPlot([{ name: "sky", score: 0.5, colour: [1, 2, 3] }], { title: "IoU" });
  expect(svg).toContain('fill="rgb(1,2,3)"');
  expect(await classBarsPlot([{ name: "sky", score: 0.5 }], { title: "IoU" })).not.toContain("rgb(");
});

test("steps of which only some were kept stand where they were taken", async () => {
  const train = [4, 3, 2, 1];
  const valid = [{ batch: 30, loss: 2 }];
  const svg = await lossesPlot({ train, every: 10, valid });
  const dot = /aria-roledescription="point"[^>]*transform="translate\(([\d.]+),([\d.]+)\)"/.exec(svg)!;
  expect(Number(dot[1])).toBeCloseTo(lineIn(svg, blue)[3]![0], 1);
  expect(textsOf(await schedulePlot({ lrs: [1, 2, 3], moms: [], every: 50 }))).toContain("100");
});

test("class balance: the most frequent class above, by pixels and by pictures, in both lists", async () => {
  const of = (pixels: number, pictures: number) => ({ pixels, pictures });
  const svg = await classBalancePlot([
    { name: "pole", colour: [9, 8, 7], train: of(0.00001, 0.5), valid: of(0, 0) },
    { name: "road", train: of(0.6, 1), valid: of(0.421, 1) },
  ]);
  const texts = textsOf(svg).map((text) => text.replaceAll("&lt;", "<"));
  expect(texts.filter((text) => ["pole", "road"].includes(text))).toEqual(["road", "pole"]);
  expect(texts).toEqual(
    expect.arrayContaining(["training", "validation", "60.0 %", "42.1 %", "< 0.01 %", "–", "50.0 %", "100 %"]),
  );
  expect(svg).toContain('fill="rgb(9,8,7)"');
  await expect(classBalancePlot([])).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ShapeError: classBalancePlot: expected at least one class, but received none]`,
  );
});

test("calibration: a bar for every bin with pixels, the error in words", async () => {
  const bin = (from: number, pixels: number, accuracy: number) => ({
    ...{ from, to: from + 0.25, pixels, confidence: from + 0.125, accuracy },
  });
  const bins = [bin(0, 0, NaN), bin(0.25, 10, 0.25), bin(0.5, 10, 0.5), bin(0.75, 20, 1)];
  const svg = await calibrationPlot({ bins, error: 0.1234 });
  expect(textsOf(svg)).toEqual(
    expect.arrayContaining(["Calibration", "expected calibration error 12.3 %", "Confidence", "Accuracy", "Pixels"]),
  );
  const bars = [...svg.matchAll(/aria-roledescription="rect mark" d="M([\d.]+),([\d.]+)h([\d.]+)v([\d.]+)h/g)];
  expect(bars).toHaveLength(6);
  // The whole height is right always; 340 wide, 250 high and a share of a half 60 high.
  const sizes = bars.map(([, x, , width, height]) => [x, width, height].map((each) => Math.round(Number(each))));
  expect(sizes.slice(0, 3)).toEqual([
    [85, 85, 63],
    [170, 85, 125],
    [255, 85, 250],
  ]);
  expect(sizes[5]![2]! / sizes[4]![2]!).toBeCloseTo(2, 1);
  await expect(calibrationPlot({ bins: [], error: NaN })).rejects.toMatchObject({ name: "ShapeError" });
});

test("several runs have a line each in every panel", async () => {
  const points = [
    { x: 0, y: 1 },
    { x: 1, y: 2 },
  ];
  const runs = ["first", "second"].map((name) => ({ name, points }));
  const svg = await runsPlot([
    { title: "valid_loss", runs },
    { title: "mean_iou", runs: runs.slice(0, 1) },
  ]);
  expect(textsOf(svg)).toEqual(expect.arrayContaining(["valid_loss", "mean_iou", "first", "second"]));
  expect([...svg.matchAll(/aria-roledescription="line mark"/g)]).toHaveLength(3);
  await expect(runsPlot([])).rejects.toMatchObject({ name: "ConfigError" });
});

test("long lines are drawn with fewer points, the first and the last among them", () => {
  const points = Array.from({ length: 100_000 }, (_, x) => ({ x, y: x === 7 ? NaN : 1 }));
  const few = drawn(points);
  expect(few.length).toBeLessThanOrEqual(2000);
  expect([few[0]!.x, few.at(-1)!.x]).toEqual([0, 99_999]);
});

test("nothing recorded is an error that says what to do", async () => {
  await expect(lossesPlot({ train: [], valid: [] })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: plotLosses: no loss is recorded]`,
  );
  await expect(lossesPlot({ train: [1, 2], valid: [] }, { skipStart: 2 })).rejects.toMatchObject({
    hint: "Leave out fewer than the 2 batches there are.",
  });
  await expect(schedulePlot({ lrs: [], moms: [] })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: plotLr: no learning rate is recorded]`,
  );
  await expect(metricsPlot([])).rejects.toMatchObject({ hint: "Give the learner metrics." });
  await expect(metricsPlot([{ title: "a", values: [] }])).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: plotMetrics: no metric is recorded]`,
  );
  await expect(lrFinderPlot({ lrs: [1], losses: [1], suggestions: {} })).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: plot: 1 batches are too few for a plot without its two ends]`,
  );
});
