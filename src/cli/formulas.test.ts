import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import { TinyEncoder } from "../../test/support/tiny-encoder.ts";
import { crossEntropy } from "../losses/cross-entropy.ts";
import { unet } from "../models/unet/unet.ts";
import type { FormulaChoices } from "../onnx/target.ts";
import { RunFolder } from "../train/run-folder.node.ts";
import { formulasFor } from "./formulas.ts";
import { Output } from "./output.ts";

const model = unet({ encoder: new TinyEncoder(), classes: 3 });
const setup = { model, objective: { loss: crossEntropy() }, size: [16, 16], bs: 2 } as never;
let home = "";
let printed = "";

beforeEach(async () => {
  home = await tempFolder();
  process.env.SEGKIT_HOME = home;
  printed = "";
});
afterEach(() => {
  delete process.env.SEGKIT_HOME;
});

function choose(formulas: "auto" | "tune" | "rule", backend = "cpu", run?: RunFolder): Promise<FormulaChoices> {
  const write = (text: string) => void (printed += text);
  const io = {
    output: new Output({ json: false, out: write, err: write, terminal: false }),
    signal: new AbortController().signal,
  };
  const opened = run && { run, resumed: { run }, settings: {}, begun: true };
  return formulasFor({ backend, threads: 1, formulas } as never, setup, io, opened as never);
}

test("tune measures once and keeps it; auto takes what is kept, rule does not", async () => {
  expect(await choose("auto")).toEqual({});
  const measured = await choose("tune");
  const count = Object.keys(measured).length;
  expect(count).toBeGreaterThan(5);
  expect(printed).toMatch(new RegExp(`^timed ${count} convolutions; for \\d+ another way`));
  expect(await choose("auto")).toEqual(measured);
  expect(await choose("rule")).toEqual({});
  expect(await choose("auto", "webgpu")).toEqual({});
  printed = "";
  expect(await choose("tune")).toEqual(measured);
  expect(printed).toBe("all convolutions were timed on this machine before\n");
});

test("a kept file that cannot be read counts as none", async () => {
  await choose("tune");
  const [file] = await readdir(join(home, "formulas"));
  await writeFile(join(home, "formulas", file!), "[1]");
  expect(await choose("auto")).toEqual({});
});

test("a run that goes on keeps to the formulas it began with", async () => {
  const run = new RunFolder(join(home, "run"));
  await run.create();
  expect(await choose("auto", "cpu", run)).toEqual({});
  await run.writeFormulas({ "Conv 1x1": "plain" });
  expect(await choose("tune", "cpu", run)).toEqual({ "Conv 1x1": "plain" });
  await writeFile(run.file("formulas.json"), "{");
  await expect(choose("auto", "cpu", run)).rejects.toThrow(/formulas\.json holds no choices of formulas/);
  await run.discard();
  expect(await readFile(run.file("formulas.json")).catch(() => "gone")).toBe("gone");
});
