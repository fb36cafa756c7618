// What the dataset check says of the real CamVid: the 367 training and 101 validation pictures of 360×480 with 12 classes
// that papers compare on, as a folder in fastai's layout. The counts are also NumPy's. The pictures are not segkit's to
// carry, so they come from outside:
//
//   SEGKIT_CAMVID=FOLDER npx vitest run --config bench/vitest.config.ts camvid-check
import { describe, expect, test } from "vitest";
import type { ClassReport } from "../src/data/check/class-tally.ts";
import { examineDataset, openSource } from "../src/data/check/examine-dataset.node.ts";
import { dataReportPage } from "../src/report/data-page.node.ts";

const folder = process.env.SEGKIT_CAMVID;

describe.skipIf(folder === undefined)("CamVid", { timeout: 600_000 }, () => {
  test("is sound, but for its split: the validation frames are one film, and some of it is trained on", async () => {
    const report = await examineDataset(folder!);
    const { pictures, sizes, notes, findings, classes } = report;
    expect(pictures).toEqual({ train: 367, valid: 101, test: 0 });
    expect(sizes).toEqual([{ height: 360, width: 480, count: 468, example: "images/0001TP_006690.jpg" }]);
    expect(notes).toEqual([]);
    expect(findings.map(({ severity, kind, places }) => [severity, kind, ...places])).toEqual([
      [
        "warning",
        "valid-one-sequence",
        {
          file: "images/0016E5_07959.jpg",
          other: "images/0016E5_08159.jpg",
          detail: "101 frames (7959–8159) of sequence 0016E5_ (4350–8640)",
        },
      ],
      [
        "warning",
        "sequence-across",
        {
          file: "images/0016E5_08159.jpg",
          other: "images/0016E5_08190.jpg",
          detail:
            "sequence 0016E5_ (4350–8640): 136 frames (4350–8640) are in the training list and 101 frames (7959–8159) are in the validation list; the nearest are 8159 and 8190",
        },
      ],
    ]);
    const counts = ({ name, isVoid, train, valid }: ClassReport) =>
      [isVoid ? `(${name})` : name, train.pixels, train.pictures, valid.pixels, valid.pictures].join(" ");
    expect(classes.map(counts)).toEqual([
      "Sky 10682767 366 1601620 101",
      "Building 14750079 365 4531180 101",
      "Pole 623349 366 98499 101",
      "Road 20076880 367 5053176 101",
      "Sidewalk 2845085 349 1521751 101",
      "Tree 6166762 319 2851125 101",
      "Sign 743859 351 155724 101",
      "Fence 714595 173 537197 101",
      "Car 3719877 360 304716 101",
      "Pedestrian 405385 317 113531 101",
      "Cyclist 184967 201 387010 101",
      "(Void) 2503995 367 297271 101",
    ]);
    const page = await dataReportPage(report, await openSource(folder!), null);
    expect(page).toContain("all validation pictures are frames of one sequence");
  });
});
