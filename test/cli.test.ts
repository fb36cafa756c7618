import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decode } from "fast-png";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import sharp from "sharp";
import { type CliResult, eventsOf, segkit } from "./support/cli.ts";
import { scene, tempFolder, writeDataset, writePicture } from "./support/dataset.ts";
import { Random } from "../src/util/random.ts";

const classes = ["sky", "road", "car", "void"];
/** A run of two fits, the decoder alone and then everything, of one epoch of three batches each. */
const small = [
  "--encoder",
  "mobilenetV3Large",
  "--size",
  "32x48",
  "--bs",
  "2",
  "--freeze-epochs",
  "1",
  "--epochs",
  "1",
];

let root: string;
let data: string;
/** The run of `small`, and what it printed. */
let full: CliResult;
const at = (...names: string[]): string => join(root, ...names);

beforeAll(async () => {
  root = await tempFolder();
  data = await writeDataset({ items: 8, valid: 2, height: 48, width: 64, classes });
  full = await segkit(["train", "--data", data, ...small, "--out", "full"], { cwd: root });
});

/** The files below a folder. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

/** The rows of results.csv without the time. */
async function resultsOf(run: string): Promise<string[][]> {
  const text = await readFile(at(run, "results.csv"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => line.split(",").slice(0, -1));
}

const weightsOf = (run: string, name: "best" | "last"): Promise<Buffer> =>
  readFile(at(run, "weights", `${name}.safetensors`));

async function expectSameRun(run: string): Promise<void> {
  expect(await resultsOf(run)).toEqual(await resultsOf("full"));
  for (const name of ["best", "last"] as const)
    expect((await weightsOf(run, name)).equals(await weightsOf("full", name)), `${name} weights`).toBe(true);
  expect(await filesIn(at(run))).toEqual(await filesIn(at("full")));
}

describe("train", () => {
  test("fills the run folder", async () => {
    expect(full).toMatchObject({ code: 0, stderr: "" });
    expect(await filesIn(at("full"))).toEqual([
      ...["args.yaml", "dataset.json", "report.html", "results.csv", "results.png", "run.json"],
      ...["weights/best.safetensors", "weights/last.safetensors"],
    ]);
    expect(parse(await readFile(at("full", "args.yaml"), "utf8"))).toEqual({
      ...{ data, size: "32x48", bs: 2, epochs: 1, freezeEpochs: 1, lr: 0.001, wd: 0.01, pctStart: 0.3, seed: 0 },
      ...{
        loss: "crossEntropy",
        encoder: "mobilenetV3Large",
        norm: "none",
        bottle: false,
        selfAttention: false,
        blur: false,
        pretrained: "false",
      },
      ...{
        schedule: "one-cycle",
        transforms: "flip",
        maskDiv: false,
        noReport: false,
        tensorboard: false,
        theme: "light",
      },
      ...{ backend: "auto", formulas: "auto", fp16: false, onBad: "stop", saveEvery: 2, out: at("full") },
    });
    const [head, ...rows] = await resultsOf("full");
    expect(head).toEqual(["epoch", "train_loss", "valid_loss", "acc_camvid", "mean_iou"]);
    expect(rows.map(([epoch]) => epoch)).toEqual(["0", "1"]);
    for (const row of rows) for (const cell of row.slice(1)) expect(cell).toMatch(/^\d+\.\d{6}$/);
    expect((await sharp(at("full", "results.png")).metadata()).width).toBeGreaterThan(3 * 64);
  });

  test("prints one line an epoch, in columns, and where the results are", () => {
    const numbers = full.stdout.replaceAll(data, "DATA").replaceAll(/\d+\.\d+/g, (n) => n.replaceAll(/\d/g, "#"));
    expect(numbers.replaceAll(/\d\d:\d\d/g, "##:##").replace(/best epoch \d/, "best epoch #")).toMatchInlineSnapshot(`
      "DATA: 6 training and 2 validation pictures, 4 classes, checked in ##:##
      U-Net with mobilenetV3Large, weights drawn at random, on cpu, 1 thread
      32×48 (height × width), batches of 2; results go to full
      epoch       train_loss  valid_loss  acc_camvid  mean_iou    time
      0           #.######    #.######    #.######    #.######    ##:##
      1           #.######    #.######    #.######    #.######    ##:##
      best epoch #: acc_camvid #.####, mean_iou #.####
      results in full: results.csv, results.png, report.html, weights/best.safetensors
      predict with: segkit predict full FILE|FOLDER --out DIR"
    `);
  });

  test("the same seed gives the same run; --json prints an object a line", async () => {
    const args = [
      "--encoder=mobilenetV3Large",
      "size=32x48",
      "bs=2",
      "freezeEpochs=1",
      "--epochs=1",
      "--seed=0",
      "out=again",
    ];
    const result = await segkit(["train", `--data=${data}`, ...args, "--json"], { cwd: root });
    expect(result).toMatchObject({ code: 0, stderr: "" });
    await expectSameRun("again");
    const events = eventsOf(result);
    expect(events.map(({ event }) => event)).toEqual([
      ..."start batch batch batch epoch batch batch batch epoch end".split(" "),
    ]);
    expect(events[1]).toMatchObject({ epoch: 0, epochs: 2, batch: 0, batches: 3, loss: expect.any(Number) as number });
    expect(events[8]).toMatchObject({
      epoch: 1,
      trainLoss: expect.any(Number) as number,
      seconds: expect.any(Number) as number,
    });
    expect(events[9]).toMatchObject({ run: "again", best: { epoch: expect.any(Number) as number } });
  });

  test("without --out makes a folder of its own; its seed decides the run", async () => {
    const cwd = await tempFolder();
    const args = ["train", "--data", data, ...small.slice(0, 6), "--epochs", "1", "--seed", "1", "--min-miou", "1"];
    const { code, stderr } = await segkit(args, { cwd });
    expect(code).toBe(6);
    expect(stderr).toMatch(/^segkit: quality gate: mean_iou is 0\.\d{4}, below 1\n {2}\S.*\n$/);
    const [name] = await readdir(join(cwd, "runs", "train"));
    expect(data).toMatch(new RegExp(`/${name}$`));
    const first = async (file: string): Promise<string | undefined> => (await readFile(file, "utf8")).split("\n")[1];
    expect(await first(join(cwd, "runs", "train", String(name), "results.csv"))).not.toBe(
      await first(at("full", "results.csv")),
    );
  });
});

test("a loss that is no number ends the training", async () => {
  const args = [
    "train",
    "--data",
    data,
    "--encoder",
    "mobilenetV3Large",
    "--size",
    "32x48",
    "--bs",
    "2",
    "--lr",
    "1e20",
  ];
  const { code, stderr } = await segkit([...args, "--out", "diverged"], { cwd: root });
  const [back, error, hint] = stderr.split("\n");
  const lost =
    /train: the loss is (NaN|Infinity) at learning rate \d\.\de\+\d+; the weights are those before this batch/;
  expect(back?.replace(lost, "LOST")).toBe(
    "warning: LOST; back to epoch 0, batch 0 (checkpoints/000001.safetensors), with a tenth of the learning rate",
  );
  expect(error?.replace(lost, "LOST")).toBe("segkit: LOST");
  expect(hint).toBe(
    "  The learning rate was lowered to a tenth before. " +
      "Safe in diverged: the checkpoint of epoch 0, batch 0 (checkpoints/000001.safetensors). " +
      "Start a new run with a smaller --lr.",
  );
  expect(code).toBe(5);
});

describe.concurrent("interruption", () => {
  /** Trains and is sent signals when it has told of a number of events. */
  const interrupted = (run: string, signals: readonly NodeJS.Signals[], after: number): Promise<CliResult> =>
    segkit(["train", "--data", data, ...small, "--out", run, "--json"], {
      ...{ cwd: root, fate: { lines: after, signals } },
    });

  test("Ctrl-C writes a checkpoint; --resume ends with the weights of an uninterrupted run", async () => {
    const stopped = await interrupted("stopped", ["SIGINT"], 6);
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toBe(
      "stopping when what is under way is done; press Ctrl-C again to leave at once\n" +
        "checkpoint written; continue with: segkit train --resume --out stopped\n" +
        "segkit: interrupted by SIGINT\n",
    );
    expect(eventsOf(stopped).at(-1)).toEqual({ event: "error", message: "interrupted by SIGINT", exitCode: 130 });
    expect(await filesIn(at("stopped"))).toContainEqual(expect.stringMatching(/^checkpoints\/\d+\.safetensors$/));
    expect(await resultsOf("stopped")).toHaveLength(2);

    const moved = await segkit(["train", "--resume", "--out", at("stopped"), "--workers", "1"]);
    expect(moved).toMatchObject({ code: 0, stderr: "" });
    expect(moved.stdout).toContain("continued from its checkpoint");
    await expectSameRun("stopped");
    const again = await segkit(["train", "--resume", "--out", "stopped"], { cwd: root });
    expect(again).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("train: the run in stopped is complete") as string,
    });
  });

  test("SIGTERM in the first fit, too", async () => {
    const stopped = await interrupted("terminated", ["SIGTERM"], 2);
    expect(stopped.code).toBe(143);
    expect(await filesIn(at("terminated"))).toContainEqual(expect.stringMatching(/^checkpoints\/\d+\.json$/));
    const changed = await segkit(["train", "--resume", "--out", "terminated", "--lr", "1"], { cwd: root });
    expect(changed).toMatchObject({ code: 2, stderr: expect.stringContaining("--lr cannot change") as string });
    const other = await writeDataset({ items: 9, classes });
    const wrong = await segkit(["train", "--resume", "--out", "terminated", "--data", other], { cwd: root });
    expect(wrong).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("not those that the run was started on") as string,
    });
    const resumed = await segkit(["train", "--resume", "--out", "terminated"], { cwd: root });
    expect(resumed.code).toBe(0);
    await expectSameRun("terminated");
  });

  test("before the first batch leaves no run folder", async () => {
    const stopped = await interrupted("nothing", ["SIGTERM"], 1);
    expect(stopped.code).toBe(143);
    expect(stopped.stderr).toContain("nothing was trained yet, so no run folder is kept");
    expect(await readdir(root)).not.toContain("nothing");
  });

  test("a second Ctrl-C leaves at once", async () => {
    const { code, signal } = await interrupted("twice", ["SIGINT", "SIGINT"], 2);
    // Either by the signal itself, which shells report as 130, or just before it arrives.
    expect([code, signal]).toEqual(code === null ? [null, "SIGINT"] : [130, null]);
  });

  test("a folder that becomes unwritable ends in a sentence", async () => {
    const result = await segkit(["train", "--data", data, ...small, "--out", "lost", "--json"], {
      ...{ cwd: root, fate: { like: /"batch":0/, fileFor: at("lost") } },
    });
    expect(result.code).toBe(4);
    // What is written beside the training may fail before its end, or not.
    expect(result.stderr.replaceAll(/^warning: lost\/(weights|checkpoints)\/.*\n/gm, "")).toBe(
      "warning: lost/run.json: cannot be written: part of its path is a file; training goes on\n" +
        "warning: lost/results.csv: cannot be written: part of its path is a file; training goes on, and saving is tried again\n" +
        "segkit: lost/weights/best.safetensors: cannot be written: part of its path is a file\n" +
        "  Free some disk space, or choose a folder that can be written. " +
        "Safe in lost: the checkpoint of epoch 0, batch 0 (checkpoints/000001.safetensors).\n",
    );
  });
});

describe.concurrent("validate", () => {
  test("prints the classes, then the numbers of all of them", async () => {
    const { code, stdout, stderr } = await segkit(["validate", at("full"), "--weights", "last"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n").slice(1);
    expect(lines.map((line) => line.replace(/ (\d\.\d{4}|–)$/, " #"))).toEqual([
      ...["class       IoU", ...classes.map((name) => `${name.padEnd(10)}  #`), ""],
      ...["loss        #", "acc_camvid  #", "mean_iou    #"],
    ]);
    const [, trainedLoss] = /"?loss +(\d\.\d{4})/.exec(stdout) ?? [];
    expect(Number((await resultsOf("full")).at(-1)?.[2]).toFixed(4)).toBe(trainedLoss);
  });

  test("--tta measures the average over several views", async () => {
    const [plain, averaged] = await Promise.all(
      [[], ["--tta"]].map(async (more) =>
        eventsOf(await segkit(["validate", "full", "--json", ...more], { cwd: root })),
      ),
    );
    expect(averaged?.[0]).toMatchObject({ event: "validation", mean_iou: expect.any(Number) as number });
    expect(averaged?.[0]?.loss).not.toBe(plain?.[0]?.loss);
  });

  test("--json and a gate that is not reached", async () => {
    const result = await segkit(["validate", "full", "--json", "--min-miou", "0.999"], { cwd: root });
    expect(result.code).toBe(6);
    const [validation, error] = eventsOf(result);
    expect(Object.keys(validation?.iou ?? {})).toEqual(classes);
    expect(validation).toMatchObject({
      event: "validation",
      loss: expect.any(Number) as number,
      mean_iou: expect.any(Number) as number,
    });
    expect(error).toMatchObject({ event: "error", exitCode: 6 });
  });

  test("a reader that goes away is no error", async () => {
    const { code, stderr } = await segkit(["validate", "full"], {
      cwd: root,
      onLine: (_, { closeOutput }) => closeOutput(),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});

describe.concurrent("predict", () => {
  test("writes masks of class ids and overlays at the pictures' own sizes, and skips a broken picture", async () => {
    const pictures = await tempFolder();
    const sizes = { a: [50, 70], b: [33, 41] } as const;
    for (const [name, [height, width]] of Object.entries(sizes))
      await writePicture(join(pictures, `${name}.jpg`), scene(height, width, 4, new Random(3)).image);
    await cp(join(data, "images", "scene_000.png"), join(pictures, "c.png"));
    await writeFile(join(pictures, "broken.jpg"), (await readFile(join(pictures, "a.jpg"))).subarray(0, 300));

    const out = join(await tempFolder(), "deep", "masks");
    const { code, stdout, stderr } = await segkit(["predict", "full", pictures, "--out", out], { cwd: root });
    expect(code).toBe(3);
    expect(stdout).toBe(`3 pictures predicted: masks, overlays in ${out}`);
    expect(stderr.replaceAll(pictures, "PICTURES").replaceAll(out, "OUT")).toBe(
      "skipped: image PICTURES/broken.jpg is damaged or truncated\n" +
        "segkit: predict: 1 of 4 pictures could not be read: PICTURES/broken.jpg\n" +
        "  The others were predicted. Mend or remove those that OUT/skipped.csv lists, then call again with --resume.\n",
    );
    const written = ["a", "b", "c"].flatMap((name) => [`${name}.png`, `${name}_overlay.png`]);
    expect(await filesIn(out)).toEqual([...written, "predict.json", "skipped.csv"]);
    for (const [name, [height, width]] of Object.entries({ ...sizes, c: [48, 64] })) {
      const mask = decode(await readFile(join(out, `${name}.png`)));
      expect(mask).toMatchObject({ width, height, channels: 1 });
      expect(mask.palette).toHaveLength(classes.length);
      expect(Math.max(...mask.data)).toBeLessThan(classes.length);
      expect(await sharp(join(out, `${name}_overlay.png`)).metadata()).toMatchObject({ width, height, channels: 3 });
    }
  });

  test("one picture, and --json", async () => {
    const out = await tempFolder();
    const image = join(data, "images", "scene_001.png");
    const result = await segkit(["predict", "full", image, "--out", out, "--json"], { cwd: root });
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(eventsOf(result)).toEqual([
      {
        ...{ event: "prediction", image },
        files: { masks: join(out, "scene_001.png"), overlays: join(out, "scene_001_overlay.png") },
      },
      { event: "end", out, written: 1, kept: 0, skipped: [], documents: {} },
    ]);
  });
});
