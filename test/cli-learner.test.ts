/** @file The learner's options on the command line: searching a rate, callbacks, interruption with all of them at work. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { eventsOf, segkit } from "./support/cli.ts";
import { tempFolder, writeDataset } from "./support/dataset.ts";
import { valuesInFile } from "./support/event-file.ts";

const small = ["--encoder", "mobilenetV3Large", "--size", "32x48", "--bs", "2"];

let root: string;
let data: string;

beforeAll(async () => {
  root = await tempFolder();
  data = await writeDataset({ items: 8, valid: 2, height: 48, width: 64 });
});

const argumentsOf = async (run: string): Promise<Record<string, unknown>> =>
  parse(await readFile(join(root, run, "args.yaml"), "utf8")) as Record<string, unknown>;

describe.concurrent("lr-find", () => {
  test("prints rates and losses, suggests one, and draws it", async () => {
    const args = ["lr-find", "--data", data, ...small, "--num-it", "20", "--end-lr", "0.01", "--out", "lr.svg"];
    args.push("--theme", "dark");
    const { code, stdout, stderr } = await segkit(args, { cwd: root });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n").slice(1);
    expect(lines[0]).toBe("lr        loss");
    expect(lines[1]).toMatch(/^1\.0e-7 {4}\d\.\d{4}$/);
    expect(lines.at(-2)).toMatch(/^steepest fall at \d\.\de[+-]\d, a tenth of the lowest loss's rate \d\.\de[+-]\d$/);
    expect(lines.at(-1)).toMatch(/^train with: --lr [\d.e-]+$/);
    expect(await readFile(join(root, "lr.svg"), "utf8")).toContain(`fill="#16191d"`);
  });

  test("too few batches are an error", async () => {
    const args = ["lr-find", "--data", data, ...small, "--num-it", "3", "--json"];
    const result = await segkit(args, { cwd: root });
    expect(result.code).toBe(2);
    const events = eventsOf(result);
    expect(events.map(({ event }) => event)).toEqual(["batch", "batch", "batch", "end", "error"]);
    expect(events[3]).toMatchObject({ suggestion: null, minimumTenth: null });
  });
});

describe.concurrent("train", () => {
  test("--lr auto searches a rate and records it; a flat schedule, patience and a budget", async () => {
    const more = ["--lr", "auto", "--epochs", "1", "--schedule", "flat-cos", "--patience", "3", "--time-budget", "60"];
    const result = await segkit(["train", "--data", data, ...small, ...more, "--out", "auto", "--json"], { cwd: root });
    expect(result).toMatchObject({ code: 0, stderr: "" });
    const [lr, ...events] = eventsOf(result);
    expect(lr).toMatchObject({ event: "lr" });
    expect(events.map(({ event }) => event)).toEqual(["start", "batch", "batch", "batch", "epoch", "end"]);
    expect(await argumentsOf("auto")).toMatchObject({ lr: lr!.lr, schedule: "flat-cos", patience: 3, timeBudget: 60 });
    expect(events[1]).toMatchObject({ lr: lr!.lr, momentum: 0.95 });
  });

  test("--bs auto chooses a batch size, says why and records it", async () => {
    const sized = [...small.slice(0, -1), "auto"];
    const train = ["train", "--data", data, ...sized, "--epochs", "1", "--out", "sized"];
    const result = await segkit([...train, "--json"], { cwd: root });
    expect(result).toMatchObject({ code: 0, stderr: "" });
    const [chosen, start, first] = eventsOf(result);
    // Six training pictures, for four batches or more.
    expect(chosen).toMatchObject({ event: "batchSize", batchSize: 1, limit: "pictures" });
    const { bytes, freeBytes } = chosen as unknown as Record<string, number>;
    expect(bytes).toBeGreaterThan(1e8);
    expect(freeBytes).toBeGreaterThan(bytes!);
    expect([start!.event, first]).toEqual(["start", expect.objectContaining({ event: "batch", batches: 6 })]);
    expect(await argumentsOf("sized")).toMatchObject({ bs: 1 });
  });

  test("a closed terminal, with every option at work: --resume ends with the weights of an uninterrupted run", async () => {
    const options = [
      ...["--freeze-epochs", "1", "--epochs", "1", "--lr", "1e-4:1e-3", "--moms", "0.9,0.8", "--div", "10"],
      ...["--final-div", "100", "--clip", "1", "--accumulate", "2", "--ema", "0.9", "--mixup", "0.4", "--cutmix", "1"],
      "--tensorboard",
    ];
    const train = ["train", "--data", data, ...small, ...options];
    const whole = await segkit([...train, "--out", "whole", "--json"], { cwd: root });
    expect(whole).toMatchObject({ code: 0, stderr: "" });
    expect(await argumentsOf("whole")).toMatchObject({ lr: "0.0001:0.001", moms: [0.9, 0.8], ema: 0.9, accumulate: 2 });

    const stopped = await segkit([...train, "--out", "stopped", "--json"], {
      cwd: root,
      // In the second fit, between the two batches of a step.
      fate: { lines: 6, signals: ["SIGHUP"] },
    });
    expect(stopped.code).toBe(129);
    expect(stopped.stderr).toContain("segkit: interrupted by SIGHUP");
    const resumed = await segkit(["train", "--resume", "--out", "stopped"], { cwd: root });
    expect(resumed).toMatchObject({ code: 0, stderr: "" });
    const rows = async (run: string): Promise<string[]> =>
      (await readFile(join(root, run, "results.csv"), "utf8")).split("\n").map((line) => line.replace(/,[^,]*$/, ""));
    expect(await rows("stopped")).toEqual(await rows("whole"));
    for (const name of ["best", "last"]) {
      const bytes = (run: string): Promise<Buffer> => readFile(join(root, run, "weights", `${name}.safetensors`));
      expect((await bytes("stopped")).equals(await bytes("whole")), `${name} weights`).toBe(true);
    }
    const log = async (run: string): Promise<unknown> =>
      valuesInFile(await readFile(join(root, run, "events.out.tfevents.segkit.000")));
    expect(await log("stopped")).toEqual(await log("whole"));
  });
});
