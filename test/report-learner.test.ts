/** @file The report of a learner that a program trained: `writeReport`. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ConfigError, databunch, openFolder, unetLearner, writeReport } from "segkit";
import { smallLearner } from "./support/small-learner.ts";
import { tempFolder, writeDataset } from "./support/dataset.ts";

test("a learner's report tells of its data, its last fit and what it predicts now", async () => {
  const dataset = await openFolder(await writeDataset({ items: 8, valid: 4, height: 48, width: 64 }));
  const data = databunch(dataset, { size: [32, 48], batchSize: 2, workers: 0 });
  const learner = await unetLearner(data, "mobilenetV3Large", { threads: 1 });
  const file = join(await tempFolder(), "first try.html");
  const told = new Set<string>();
  try {
    await writeReport(file, learner, { onProgress: (what) => told.add(what) });
    expect(await readFile(file, "utf8")).toContain("first try");
    await learner.fitOneCycle(1, 2e-3);
    await writeReport(file, learner, { args: { note: "<bold>" }, name: "second", top: 2 });
    const html = await readFile(file, "utf8");
    expect(html).toContain("<title>second</title>");
    for (const said of ["4 to train on, 4 to validate on", "&#60;bold&#62;", "0.002", "crossEntropy", dataset.root])
      expect(html).toContain(said);
    expect(html.match(/class="rank">\w+/g)).toEqual(
      ["best", "median", "worst", "worst"].map((r) => `class="rank">${r}`),
    );
    // Losses, schedule, metrics, IoU, calibration, balance and confusion, each in two themes.
    expect(html.match(/<svg/g)).toHaveLength(14);
    expect(html).toContain("saveLearner(learner");
    expect(html).not.toContain("segkit predict");
    const controller = new AbortController();
    const onProgress = (): void => controller.abort(new Error("enough"));
    await expect(writeReport(file, learner, { onProgress, signal: controller.signal })).rejects.toThrow("enough");
    expect([...told]).toEqual([
      "hashing the dataset",
      "predicting",
      "counting classes",
      "drawing pictures",
      "drawing plots",
    ]);
  } finally {
    await learner.close();
  }
});

test("a learner on data that are no files has no report", async () => {
  const learner = await smallLearner();
  const refused = writeReport(join(await tempFolder(), "report.html"), learner);
  await expect(refused).rejects.toThrow(ConfigError);
  await expect(refused).rejects.toThrow("writeReport: the learner's data are not files");
});
