import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { plainCard } from "../../test/support/card.ts";
import { tempFolder } from "../../test/support/dataset.ts";
import { RunFolder } from "../train/run-folder.node.ts";
import { parseArguments } from "./arguments.ts";
import { type OpenedRun, openRun } from "./open-run.ts";
import { Output } from "./output.ts";
import { recordedOptions, trainOptions } from "./train-options.ts";

let home: string;
let root: string;
let notes: string[];
beforeEach(async () => {
  home = process.cwd();
  root = await tempFolder();
  process.chdir(root);
  notes = [];
});
afterEach(() => process.chdir(home));

const open = async (...argv: string[]): Promise<OpenedRun> => {
  const { options, given } = parseArguments(argv, trainOptions);
  const output = new Output({ json: false, out: () => {}, err: (text) => notes.push(text), terminal: false });
  return openRun(options, given, { output, signal: new AbortController().signal });
};
const refusal = (...argv: string[]): Promise<unknown> =>
  open(...argv).then(
    () => "opened",
    (error: unknown) => error,
  );

/** A run folder as a training with these options leaves it. */
async function leave(path: string, argv: readonly string[], how: "left" | "ended" | "complete"): Promise<RunFolder> {
  const run = new RunFolder(path);
  await run.create();
  await run.hold();
  const { bs, lr, ...options } = parseArguments(argv, trainOptions).options;
  const found = { bs: bs === "auto" ? 3 : bs, lr: lr === "auto" ? 0.002 : lr };
  await run.writeArguments(recordedOptions({ size: [48, 64], ...options, ...found }));
  if (how === "complete") await run.writeWeights("last", new Map(), plainCard);
  await run.release(how !== "left");
  return run;
}

describe("into --out", () => {
  const same = ["--data", "pictures", "--lr", "0.01", "--clip", "1"];

  test.each(["left", "ended"] as const)("the same options go on with a run that %s", async (how) => {
    await leave("run", same, how);
    const { run, resumed, settings } = await open(...same, "--out", "run", "--workers", "5");
    expect(resumed).toMatchObject({ checkpoint: undefined });
    expect(settings).toMatchObject({ size: [48, 64], clip: 1, workers: 5 });
    expect(notes[0]).toBe("going on with the run in run, which has the same options\n");
    await expect(refusal(...same, "--out", "run")).resolves.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/^train: run is in use by process \d+ on /) as string,
    });
    await run!.release(true);
  });

  test("what a run has found out by itself is as good as any", async () => {
    await leave("run", ["--bs", "auto", "--lr", "auto"], "left");
    for (const argv of [
      ["--bs", "auto", "--lr", "auto"],
      ["--bs", "3", "--lr", "0.002"],
    ]) {
      const { resumed, run } = await open(...argv, "--out", "run");
      expect(resumed?.settings).toMatchObject({ bs: 3, lr: 0.002 });
      await run!.release(true);
    }
  });

  test("other options, --resume false, or a complete run: refused, and nothing is changed", async () => {
    await leave("run", same, "left");
    await leave("complete", same, "complete");
    const before = await readdir(root, { recursive: true });
    const hint = "Choose another --out, or continue that run with --resume.";
    expect(await refusal(...same, "--epochs", "3", "--lr", "0.1", "--out", "run")).toMatchObject({
      ...{ exitCode: 2, message: "train: run already holds a run with other --epochs, --lr", hint },
    });
    const refused = { exitCode: 2, message: "train: run already holds a run", hint };
    expect(await refusal(...same, "--out", "run", "--resume", "false")).toMatchObject(refused);
    expect(await refusal(...same, "--out", "complete")).toMatchObject({
      ...{ ...refused, message: "train: complete already holds a run" },
    });
    expect(await readdir(root, { recursive: true })).toEqual(before);
  });

  test("two at the same time: one is refused", async () => {
    const both = await Promise.all([refusal(...same, "--out", "new"), refusal(...same, "--out", "new")]);
    expect(both.map(String).toSorted()).toEqual([
      expect.stringMatching(/^ConfigError: train: new is in use by process \d+/),
      "opened",
    ]);
  });
});

describe("without --out", () => {
  const same = ["--data", "pictures", "--seed", "4"];
  const folder = (name: string): string => join("runs", "train", name);

  test("the newest with these options that was left unfinished goes on", async () => {
    await leave(folder("pictures"), same, "left");
    await leave(folder("pictures-2"), same, "left");
    await leave(folder("pictures-3"), same, "ended");
    await leave(folder("pictures-4"), same, "complete");
    await leave(folder("pictures-5"), ["--data", "pictures"], "left");
    await leave(folder("pictures-old"), same, "left");
    await mkdir(folder("pictures-6"));
    await writeFile(join(folder("pictures-6"), "args.yaml"), ": no options");
    const { run, resumed } = await open(...same);
    expect([run?.path, resumed?.settings.seed]).toEqual([folder("pictures-2"), 4]);
    // That one is under way now.
    expect((await open(...same)).run?.path).toBe(folder("pictures"));
    expect((await open(...same, "--resume", "false")).run).toBeUndefined();
  });

  test("otherwise a new one begins, of which nothing is made yet", async () => {
    await leave(folder("pictures"), same, "ended");
    expect(await open(...same)).toMatchObject({ run: undefined, resumed: undefined, begun: false });
    expect(await readdir(join("runs", "train"))).toEqual(["pictures"]);
  });
});
