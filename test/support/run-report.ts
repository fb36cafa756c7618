import type { RunReport } from "../../src/report/run-report.ts";
import { distinctColours } from "../../src/data/palette.ts";
import { Random } from "../../src/util/random.ts";
import { drawPrediction } from "../../src/report/shown-prediction.node.ts";
import { scene } from "./dataset.ts";

/** Names that would be markup if they were not escaped. */
export const hostile = [`<script>alert("x")</script>`, `</style><b>&amp;`, `a"b'c`, "void"];

/** A report of a run that never was: four classes called `classes`, nine pictures of 24 × 32. */
export async function madeReport({
  name = "made",
  classes = hostile,
  seed = 1,
}: { name?: string; classes?: readonly string[]; seed?: number } = {}): Promise<RunReport> {
  const n = classes.length;
  const random = new Random(seed);
  const palette = [...distinctColours(n)];
  const voidIndex = n - 1;
  const results = (of: number | null) =>
    classes.map((each, id) => {
      const score = id === of ? null : (id + 1) / (n + 1);
      return { name: each, iou: score, dice: score, precision: score, recall: score, pixelShare: 1 / n };
    });
  const pictures = Array.from({ length: 9 }, (_, index) => ({
    ...{ index, id: index === 0 ? `<i>${index}` : `picture ${index}`, loss: index / 10, accuracy: 1 - index / 20 },
  }));
  const draw = { palette, unknown: (id: number): boolean => id === voidIndex };
  const shown = [];
  for (const [i, picture] of pictures.entries()) {
    const { image, mask } = scene(24, 32, n, random.split(i));
    const rank = i < 3 ? "best" : i < 6 ? "median" : "worst";
    const drawn = await drawPrediction(image, mask, scene(24, 32, n, random.split(i, "other")).mask, draw);
    shown.push({ ...picture, rank, ...drawn } as const);
  }
  return {
    name,
    path: `runs/train/${name}`,
    args: { data: "streets", bs: 8, lr: 1e-3, loss: "crossEntropy", seed, encoder: "resnet18" },
    card: {
      format: 1,
      architecture: {
        ...{ encoder: "resnet18", channels: 3, blur: false, blurFinal: true, selfAttention: false, yRange: null },
        ...{ lastCross: true, bottle: false, normType: null },
      },
      classes: [...classes],
      voidIndex,
      palette: palette.map(([r, g, b]) => [r, g, b]),
      size: [24, 32],
      stats: { mean: [0, 0, 0], std: [1, 1, 1] },
    },
    table: {
      columns: ["epoch", "train_loss", "valid_loss", "acc_camvid", "mean_iou", "time"],
      rows: [
        ["0", "2.000000", "1.500000", "0.500000", "0.300000", "00:10"],
        ["1", "1.000000", "0.900000", "0.700000", "0.500000", "00:12"],
        ["2", "0.900000", "0.950000", "0.690000", "0.400000", "00:11"],
      ],
    },
    record: {
      format: 1,
      started: "2026-01-02T03:04:05.000Z",
      versions: { segkit: "9.9.9", node: "20.0.0" },
      machine: { system: "Linux", processor: "Some CPU", cores: 2, memory: 2 ** 33, engine: "cpu, 2 threads" },
      data: { train: 40, valid: 9, hash: "ab".repeat(32), split: `${seed}d`.repeat(32) },
      weights: "weights drawn at random",
      search: {
        lrs: Array.from({ length: 30 }, (_, i) => 1e-6 * 10 ** (i / 6)),
        losses: Array.from({ length: 30 }, (_, i) => 3 - i / 20),
        suggestions: { steepest: 1e-3 },
      },
      steps: {
        batch: Array.from({ length: 15 }, (_, i) => i),
        loss: Array.from({ length: 15 }, (_, i) => 2 - i / 10),
        lr: Array.from({ length: 15 }, (_, i) => 1e-3 / (i + 1)),
        momentum: Array.from({ length: 15 }, () => 0.9),
      },
      epochs: [10, 12, 11].map((seconds, epoch) => ({ epoch, batches: 5, pictures: 40, seconds })),
    },
    examined: {
      loss: 0.9,
      metrics: { acc_camvid: 0.7, mean_iou: 0.5, mean_iou_with_void: 0.4, pixel_accuracy: 0.6 },
      pictures,
      withoutVoid: results(voidIndex),
      withVoid: results(null),
      confusion: classes.map((_, t) => classes.map((__, p) => (t === p ? 0.7 : 0.3 / (n - 1)))),
      mostConfused: [{ truth: classes[0]!, predicted: classes[1]!, pixels: 12_345, share: 0.25 }],
      calibration: {
        bins: [0, 1, 2, 3].map((i) => ({
          ...{ from: i / 4, to: (i + 1) / 4, pixels: i * 100 },
          ...{ confidence: (i + 0.5) / 4, accuracy: (i + 0.3) / 4 },
        })),
        error: 0.05,
      },
      balance: {
        counted: 49,
        of: 49,
        classes: classes.map((each, id) => ({
          ...{ name: each, colour: palette[id]! },
          train: { pixels: 1 / (id + 2), pictures: 1 },
          valid: { pixels: 1 / (id + 3), pictures: 0.5 },
        })),
      },
      shown,
      seconds: 3.5,
    },
  };
}
