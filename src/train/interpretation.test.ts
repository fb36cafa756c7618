import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { expectClose } from "../../test/support/close.ts";
import { ToyLoader, toyLearner, ToyModel } from "../../test/support/toy-learner.ts";
import type { Batch } from "../data/batch.ts";
import { constant } from "../graph/tensor.ts";
import { decodeUtf8 } from "../util/utf8.ts";
import { SegmentationInterpretation } from "./interpretation.ts";

const golden = JSON.parse(readFileSync(new URL("../../test/golden/loss_metrics.json", import.meta.url), "utf8"));
const flat = (values: unknown): number[] => [values].flat(Infinity) as number[];

/** Two pictures of 2×3 pixels and four classes, the fourth one void; what the model says of them is stored. */
async function stored() {
  const logits = constant(Float32Array.from(flat(golden.logits)), [2, 4, 2, 3]);
  const batch: Batch = {
    ...{ n: 2, height: 2, width: 3, ids: ["first", "second"] },
    images: Float32Array.from({ length: 36 }, (_, i) => i / 51),
    masks: Int32Array.from(flat(golden.target)),
  };
  const classes = ["sky", "road", "car", "void"];
  return toyLearner(new ToyModel(4, () => logits), new ToyLoader([batch]), { classes, voidIndex: 3 });
}

test("top losses and mean confusion are fastai's", async () => {
  const { top_losses_values, top_losses_indices, mean_cm_rows_true_cols_pred } = golden.segmentation_interpretation;
  const interpretation = await SegmentationInterpretation.fromLearner(await stored());
  const top = interpretation.topLosses();
  expect(top.map(({ index }) => index)).toEqual(top_losses_indices);
  expectClose(
    "losses",
    top.map(({ loss }) => loss),
    top_losses_values,
    1e-6,
  );
  expectClose("mean confusion", flat(interpretation.meanConfusion), flat(mean_cm_rows_true_cols_pred), 1e-6);
  expect(interpretation.topLosses(1, false).map(({ id }) => id)).toEqual(["first"]);
});

test("pooled confusion: pairs and classes", async () => {
  const interpretation = await SegmentationInterpretation.fromLearner(await stored());
  const { confusion } = interpretation;
  // Truth 1 1 2 / 1 1 1 and 1 2 3 / 0 0 1, predicted 2 2 1 / 2 2 1 and 0 1 2 / 0 1 3.
  expect([...confusion.counts]).toEqual([1, 1, 0, 0, 1, 1, 4, 1, 0, 2, 0, 0, 0, 0, 1, 0]);
  expect(interpretation.mostConfused(2)).toEqual([
    { truth: "road", predicted: "car", pixels: 4, share: 4 / 7 },
    { truth: "car", predicted: "road", pixels: 2, share: 1 },
  ]);
  expect(interpretation.mostConfused()).toHaveLength(6);
  const [sky, , car, nothing] = interpretation.perClass();
  // One of two sky pixels is found; of the two pixels predicted sky one is.
  expect(sky).toEqual({ name: "sky", iou: 1 / 3, dice: 1 / 2, precision: 1 / 2, recall: 1 / 2, pixelShare: 2 / 11 });
  expect(car).toMatchObject({ iou: 0, precision: 0, recall: 0 });
  expect(nothing).toEqual({ name: "void", iou: null, dice: null, precision: null, recall: null, pixelShare: 1 / 12 });
  expect(interpretation.perClassTable()).toMatchInlineSnapshot(`
    "class     IoU    Dice  precision  recall   pixels
    sky    0.3333  0.5000     0.5000  0.5000  18.18 %
    road   0.1000  0.1818     0.2500  0.1429  63.64 %
    car    0.0000  0.0000     0.0000  0.0000  18.18 %
    void        –       –          –       –   8.33 %"
  `);
  expect(interpretation.pictures[0]!.accuracy).toBeCloseTo(1 / 6, 6);
});

test("calibration is of the labelled pixels alone", async () => {
  const interpretation = await SegmentationInterpretation.fromLearner(await stored());
  const bins = interpretation.calibration.bins.filter(({ pixels }) => pixels > 0);
  // Of twelve pixels one is void; two of the others are right.
  expect(bins.reduce((sum, { pixels }) => sum + pixels, 0)).toBe(11);
  expect(bins.reduce((sum, { pixels, accuracy }) => sum + pixels * accuracy, 0)).toBeCloseTo(2, 9);
  const confidence = bins.reduce((sum, bin) => sum + bin.pixels * bin.confidence, 0) / 11;
  expect(confidence).toBeGreaterThan(0.25);
  expect(await interpretation.plotCalibration()).toContain("expected calibration error");
});

test("plots are written where a file is named: heat map, bars, pictures", async () => {
  const learner = await stored();
  const interpretation = await SegmentationInterpretation.fromLearner(learner);
  const matrix = await interpretation.plotConfusionMatrix("matrix.svg");
  expect(decodeUtf8(learner.host.files.get("matrix.svg")!)).toBe(matrix);
  expect(matrix).toContain("road as car: 57.1 %");
  expect(await interpretation.plotConfusionMatrix(undefined, { mean: true })).toContain("road as car: 40.0 %");
  expect(await interpretation.plotPerClass(undefined, { score: "recall" })).toContain("Recall by class");
  const top = await interpretation.plotTopLosses("top.svg", { k: 1 });
  expect(top).toContain("second · loss 2.3542 · accuracy 20.0 %");
  expect([...top.matchAll(/<image /g)]).toHaveLength(4);
  await expect(interpretation.plotTopLosses("top.png")).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: plot: nothing here draws PNG files]`,
  );
});

test("one picture is read and predicted again", async () => {
  const interpretation = await SegmentationInterpretation.fromLearner(await stored());
  const { id, image, prediction, truth } = await interpretation.picture(1);
  expect(id).toBe("second");
  expect([...prediction.data]).toEqual([0, 1, 2, 0, 1, 3]);
  expect([...truth!.data]).toEqual([1, 2, 3, 0, 0, 1]);
  // Channel values count up through the batch: the second picture's first pixel holds 18, 24 and 30 of 51.
  expect([...image.data.slice(0, 3)]).toEqual([90, 120, 150]);
  await expect(interpretation.picture(2)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: picture: expected an index from 0 to 1, but received 2]`,
  );
});
