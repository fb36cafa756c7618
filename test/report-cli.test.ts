/** @file `segkit report` and the report at the end of a training, through the built command line. */
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import type { RunRecord } from "../src/train/run-record.ts";
import { type CliResult, eventsOf, segkit, segkitHere } from "./support/cli.ts";
import { tempFolder, writeDataset } from "./support/dataset.ts";

const small = ["--encoder", "mobilenetV3Large", "--size", "32x48", "--bs", "2", "--epochs", "1"];

let root: string;
let data: string;
let trained: CliResult;
const at = (...names: string[]): string => join(root, ...names);
const recordOf = async (run: string): Promise<RunRecord> =>
  JSON.parse(await readFile(at(run, "run.json"), "utf8")) as RunRecord;

beforeAll(async () => {
  root = await tempFolder();
  data = await writeDataset({ items: 8, valid: 4, height: 48, width: 64, classes: ["sky", "<road>", "car", "void"] });
  const train = (out: string, ...more: string[]): Promise<CliResult> =>
    segkit(["train", "--data", data, ...small, "--out", out, ...more], { cwd: root });
  const [first, second] = await Promise.all([train("first"), train("second", "--no-report", "--seed", "5")]);
  trained = first!;
  expect(second).toMatchObject({ code: 0, stderr: "" });
});

describe("a training", () => {
  test("ends with a report and leaves a record of what was trained on what", async () => {
    expect(trained).toMatchObject({ code: 0, stderr: "" });
    expect(trained.stdout).toContain("results in first: results.csv, results.png, report.html, weights");
    const record = await recordOf("first");
    const html = await readFile(at("first", "report.html"), "utf8");
    expect(record).toMatchObject({ data: { train: 4, valid: 4 }, weights: "weights drawn at random" });
    expect(record.steps.batch).toEqual([0, 1]);
    expect(record.epochs).toMatchObject([{ epoch: 0, batches: 2, pictures: 4 }]);
    for (const said of [record.data.hash, record.data.split, "&#60;road&#62;"]) expect(html).toContain(said);
    expect(html).not.toContain("<road>");
    // The best, the median and the worst of four.
    expect(html.match(/class="pair"/g)).toHaveLength(3);
  });

  test("with --no-report has none, and the same data the same hash", async () => {
    expect((await readdir(at("second"))).toSorted()).toEqual([
      ...["args.yaml", "dataset.json", "results.csv", "results.png", "run.json", "weights"],
    ]);
    expect((await recordOf("second")).data).toEqual((await recordOf("first")).data);
  });
});

describe("segkit report", () => {
  test("writes RUN/report.html, as the training does, and the plots where asked for", async () => {
    const before = await readFile(at("first", "report.html"), "utf8");
    await rm(at("first", "report.html"));
    const result = await segkitHere(["report", "first", "--plots", "svg", "--json"], { cwd: root });
    expect(result).toMatchObject({ code: 0, stderr: "" });
    const plots = ["losses", "schedule", "metrics", "iou", "calibration", "balance", "confusion"];
    expect(eventsOf(result).at(-1)).toEqual({
      ...{ event: "end", out: "first/report.html", runs: ["first"] },
      plots: plots.map((name) => `first/plots/${name}.svg`),
    });
    expect((await readdir(at("first", "plots"))).toSorted()).toEqual(plots.map((name) => `${name}.svg`).toSorted());
    const after = await readFile(at("first", "report.html"), "utf8");
    const timeless = (html: string): string => html.replaceAll(/\d+\.\d s for 4 pictures/g, "");
    expect(timeless(after)).toBe(timeless(before));
  });

  test("writes the plots as PNG, dark too, and as many top losses as are asked for", async () => {
    const wanted = ["--plots", "png", "--theme", "dark", "--top", "2", "--out", "second.html"];
    expect(await segkitHere(["report", "second", ...wanted], { cwd: root })).toMatchObject({ code: 0, stderr: "" });
    const files = await readdir(at("second", "plots"));
    expect(files).toHaveLength(7);
    for (const file of files) {
      const { dominant } = await sharp(at("second", "plots", file)).stats();
      expect([file, dominant.r + dominant.g + dominant.b < 150]).toEqual([file, true]);
    }
    const html = await readFile(at("second.html"), "utf8");
    expect(html.match(/class="rank">\w+/g)).toEqual(
      ["best", "median", "worst", "worst"].map((rank) => `class="rank">${rank}`),
    );
  });

  test("compares several runs in one file", async () => {
    const { code, stdout } = await segkitHere(["report", "first", "second", "--out", "both.html"], { cwd: root });
    expect({ code, last: stdout.split("\n").at(-1) }).toEqual({ code: 0, last: "report in both.html" });
    const html = await readFile(at("both.html"), "utf8");
    expect(html).toContain("2 runs compared");
    expect(html.match(/class="pair"/g)).toHaveLength(6);
    expect(html).not.toContain('class="note"');
  });

  test("wrong input ends in a sentence before anything is computed", async () => {
    await mkdir(at("empty"), { recursive: true });
    const cases = [
      [[], 2, "report: expected a run folder, but received none"],
      [["first", "empty"], 2, "empty is not a run folder: it has no results.csv"],
      [["first", "second", "--plots", "png"], 2, "report: --plots writes the plots of one run, but received 2 runs"],
      [["first", "--out", "empty"], 2, "report: --out empty is a folder"],
    ] as const;
    const results = await Promise.all(cases.map(([args]) => segkitHere(["report", ...args], { cwd: root })));
    for (const [i, { code, stdout, stderr }] of results.entries()) {
      expect({ code, stdout, said: stderr.split("\n")[0] }).toEqual({
        ...{ code: cases[i]![1], stdout: "", said: `segkit: ${cases[i]![2]}` },
      });
    }
  });
});
