import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { input } from "../src/graph/tensor.ts";
import { accCamvid } from "../src/metrics/accuracy.ts";
import { cohenKappa } from "../src/metrics/agreement.ts";
import { boundaryIou } from "../src/metrics/boundary-iou.ts";
import { EpochScore, metricOutputs } from "../src/metrics/epoch-score.ts";
import { type MetricName, metrics } from "../src/metrics/index.ts";
import { topKAccuracy } from "../src/metrics/logits.ts";
import type { EpochContext, Metric } from "../src/metrics/metric.ts";
import { perClassDice, perClassIou } from "../src/metrics/overlap.ts";
import { fBeta, perClassPrecision, perClassRecall, precision, recall } from "../src/metrics/precision-recall.ts";
import { Random } from "../src/util/random.ts";
import { runGraph } from "./support/run-graph.ts";

interface Pictures {
  readonly classes: number;
  readonly void: number | null;
  readonly shape: readonly [n: number, h: number, w: number];
  /** [N, C, H, W] */
  readonly logits: readonly number[];
  readonly truth: readonly number[];
}

interface Stored extends Pictures {
  readonly values: Readonly<Record<string, number>>;
  readonly labels: readonly number[];
  readonly per_class: Readonly<Record<"iou" | "dice" | "precision" | "recall", readonly number[]>>;
}

/** What scikit-learn, SciPy and PyTorch say; scripts/golden_metrics.py writes it. */
const golden = JSON.parse(readFileSync(new URL("golden/metrics.json", import.meta.url), "utf8")) as Readonly<
  Record<string, Stored>
>;

const contextOf = ({ classes, void: voidIndex }: Pictures): EpochContext => ({ classes, voidIndex });

/** The pictures from `start` to `end`, as a validation program and its loader would give them. */
async function addBatch(score: EpochScore, list: readonly Metric[], pictures: Pictures, start: number, end: number) {
  const { classes, shape, logits, truth } = pictures;
  const [, height, width] = shape;
  const n = end - start;
  const pixels = height * width;
  const x = input("logits", [n, classes, height, width]);
  const y = input("target", [n, height, width], "int32");
  const someLogits = Float32Array.from(logits.slice(start * classes * pixels, end * classes * pixels));
  const someTruth = Int32Array.from(truth.slice(start * pixels, end * pixels));
  const feeds = new Map<typeof x, Float32Array | Int32Array>([
    [x, someLogits],
    [y, someTruth],
  ]);
  const wanted = metricOutputs(list, x, y, contextOf(pictures));
  const outputs = Object.keys(wanted).length > 0 ? await runGraph(wanted, feeds) : {};
  const predictions = Uint8Array.from({ length: n * pixels }, (_, i) =>
    largest(someLogits, Math.floor(i / pixels) * classes * pixels + (i % pixels), pixels, classes),
  );
  score.add({ predictions, truth: someTruth, n, height, width }, outputs);
}

function largest(logits: Float32Array, first: number, step: number, classes: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++) if (logits[first + c * step]! > logits[first + best * step]!) best = c;
  return best;
}

/** The metrics of pictures, in batches of the given sizes. */
async function evaluate(list: readonly Metric[], pictures: Pictures, sizes: readonly number[] = [pictures.shape[0]]) {
  const score = new EpochScore(list, contextOf(pictures));
  let start = 0;
  for (const size of sizes) {
    await addBatch(score, list, pictures, start, start + size);
    start += size;
  }
  return score;
}

const perClass = { iou: perClassIou, dice: perClassDice, precision: perClassPrecision, recall: perClassRecall };

const averages = ["macro", "micro", "weighted"] as const;
const compared: readonly Metric[] = [
  ...Object.values(metrics).filter(({ title }) => title in golden["unlabelled pixels"]!.values && title !== "f2"),
  ...averages.flatMap((average) => [precision({ average }), recall({ average })]),
  ...averages.flatMap((average) => [fBeta({ average }), fBeta({ beta: 0.5, average })]),
  cohenKappa({ weights: "linear" }),
  cohenKappa({ weights: "quadratic" }),
  topKAccuracy(2),
];

describe.each(Object.entries(golden))("%s: as scikit-learn, SciPy and PyTorch have it", (_, stored) => {
  test("one number for all classes", async () => {
    const values = (await evaluate(compared, stored)).values();
    const wide = (await evaluate([boundaryIou({ dilationRatio: 0.12 })], stored)).values();
    const found: Record<string, number> = { ...values, "boundary_iou, ratio 0.12": wide.boundary_iou! };
    expect(Object.keys(found).toSorted()).toEqual(Object.keys(stored.values).toSorted());
    for (const [title, value] of Object.entries(stored.values)) expect(found[title], title).toBeCloseTo(value, 5);
  });

  test("one number for each class", async () => {
    const { confusion } = await evaluate([], stored);
    for (const [key, scores] of Object.entries(perClass)) {
      const found = scores(confusion, stored.void);
      const ids = [...found.keys()].filter((c) => found[c] !== null);
      expect(ids, key).toEqual(stored.labels);
      for (const [i, c] of ids.entries()) expect(found[c], key).toBeCloseTo(stored.per_class[key as "iou"][i]!, 7);
    }
  });
});

/** Pictures whose logits put every pixel in its own class, by a margin. */
function perfect(pictures: Pictures): Pictures {
  const { classes, shape, truth } = pictures;
  const pixels = shape[1] * shape[2];
  const logits = pictures.logits.map((_, i) => {
    const pixel = Math.floor(i / (classes * pixels)) * pixels + (i % pixels);
    return truth[pixel] === Math.floor(i / pixels) % classes ? 30 : -30;
  });
  return { ...pictures, logits };
}

const random = new Random(3).split("metrics");
const shape = [4, 9, 11] as const;
const pixelCount = 4 * 9 * 11;
/** Class 4 is void, 255 is nothing. */
const scenes: Pictures = {
  classes: 5,
  void: 4,
  shape,
  logits: Array.from({ length: 5 * pixelCount }, () => random.between(-1, 1)),
  truth: Array.from({ length: pixelCount }, () => (random.chance(0.1) ? 255 : random.integer(5))),
};

/** The best value and the range of each metric: a new one without an entry does not compile. */
const bounds: { readonly [Name in MetricName]: { readonly best: number; readonly worst: number } } = {
  accCamvid: { best: 1, worst: 0 },
  pixelAccuracy: { best: 1, worst: 0 },
  errorRate: { best: 0, worst: 1 },
  meanIou: { best: 1, worst: 0 },
  meanIouWithVoid: { best: 1, worst: 0 },
  frequencyWeightedIou: { best: 1, worst: 0 },
  meanDice: { best: 1, worst: 0 },
  precision: { best: 1, worst: 0 },
  recall: { best: 1, worst: 0 },
  fBeta: { best: 1, worst: 0 },
  cohenKappa: { best: 1, worst: -1 },
  matthews: { best: 1, worst: -1 },
  boundaryIou: { best: 1, worst: 0 },
  diceBinary: { best: 1, worst: 0 },
  iouBinary: { best: 1, worst: 0 },
  topKAccuracy: { best: 1, worst: 0 },
  perplexity: { best: 1, worst: Infinity },
};
/** With five classes every pixel is among the first five; these count void by definition. */
const always: readonly MetricName[] = ["topKAccuracy"];
const countsVoid: readonly MetricName[] = ["pixelAccuracy", "meanIouWithVoid"];

const valueOf = async (metric: Metric, pictures: Pictures, sizes?: readonly number[]): Promise<number> =>
  (await evaluate([metric], pictures, sizes)).values()[metric.title]!;

describe.each(Object.entries(metrics) as [MetricName, Metric][])("%s", (name, metric) => {
  const { best, worst } = bounds[name];

  test("is best for a perfect prediction, worse for another, and in its range", async () => {
    expect(metric.better).toBe(best > worst ? "higher" : "lower");
    expect(await valueOf(metric, perfect(scenes))).toBeCloseTo(best, 6);
    const other = await valueOf(metric, scenes);
    expect(other).toBeGreaterThanOrEqual(Math.min(best, worst));
    expect(other).toBeLessThanOrEqual(Math.max(best, worst));
    if (!always.includes(name)) expect(Math.abs(other - best)).toBeGreaterThan(0.05);
  });

  test("does not depend on how the pictures are divided into batches", async () => {
    const whole = await valueOf(metric, scenes, [4]);
    expect(await valueOf(metric, scenes, [1, 1, 1, 1])).toBeCloseTo(whole, 5);
    expect(await valueOf(metric, scenes, [3, 1])).toBeCloseTo(whole, 5);
  });

  test("is NaN where nothing counts, and a picture of nothing but void and unlabelled pixels changes nothing", async () => {
    const pixels = shape[1] * shape[2];
    const empty = { ...scenes, truth: scenes.truth.map(() => 255) };
    expect(await valueOf(metric, empty)).toBeNaN();
    const half = { ...scenes, truth: scenes.truth.map((id, i) => (i < 2 * pixels ? id : 255)) };
    const before = await valueOf(metric, half, [2]);
    expect(await valueOf(metric, half, [2, 2])).toBeCloseTo(before, 5);
    const blank = { ...half, truth: half.truth.map((id, i) => (i < 2 * pixels ? id : 4)) };
    if (countsVoid.includes(name)) expect(await valueOf(metric, blank)).not.toBeCloseTo(before, 3);
    else expect(await valueOf(metric, blank)).toBeCloseTo(before, 5);
  });

  test("does not see what is predicted where the truth is no class", async () => {
    const pixels = shape[1] * shape[2];
    const logits = scenes.logits.map((x, i) => {
      const pixel = Math.floor(i / (5 * pixels)) * pixels + (i % pixels);
      return scenes.truth[pixel] === 255 ? -3 * x : x;
    });
    expect(await valueOf(metric, { ...scenes, logits })).toBeCloseTo(await valueOf(metric, scenes), 12);
  });
});

test("the titles of the metrics are distinct", () => {
  const titles = Object.values<Metric>(metrics).map(({ title }) => title);
  expect(new Set(titles).size).toBe(titles.length);
});

test("an epoch gives the confusion matrix and every metric by its title", async () => {
  const score = await evaluate([accCamvid, metrics.boundaryIou, metrics.perplexity], scenes, [2, 2]);
  expect(Object.keys(score.values())).toEqual(["acc_camvid", "boundary_iou", "perplexity"]);
  const counted = scenes.truth.filter((id) => id < 5).length;
  expect(score.confusion.counts.reduce((sum, n) => sum + n, 0)).toBe(counted);
});
