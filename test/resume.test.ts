/** @file A run that is killed and goes on ends as one that nothing happened to, bit for bit. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { segkit, segkitHere } from "./support/cli.ts";
import { tempFolder, writeDataset } from "./support/dataset.ts";

let root: string;
let train: string[];

beforeAll(async () => {
  root = await tempFolder();
  const data = await writeDataset({ items: 6, valid: 2, height: 32, width: 48 });
  train = [
    ...["train", "--data", data, "--encoder", "mobilenetV3Large", "--size", "32x48", "--bs", "2", "--epochs", "10"],
    ...["--ema", "0.9", "--clip", "1", "--threads", "1", "--no-report"],
  ];
});

const weightsOf = (run: string, name: string): Promise<Buffer> =>
  readFile(join(root, run, "weights", `${name}.safetensors`));
const rowsOf = async (run: string): Promise<string[]> =>
  (await readFile(join(root, run, "results.csv"), "utf8")).split("\n").map((line) => line.replace(/,[^,]*$/, ""));

test("ten epochs are four, kill -9 in the fifth, and the same command again", async () => {
  const killed = segkit([...train, "--out", "killed", "--json"], {
    ...{ cwd: root, fate: { like: /"epoch":4.*"batch":0/, signals: ["SIGKILL"] } },
  });
  const whole = await segkitHere([...train, "--out", "whole"], { cwd: root });
  expect(whole).toMatchObject({ code: 0, stderr: "" });
  expect((await killed).signal).toBe("SIGKILL");
  expect(await readdir(join(root, "killed"))).toEqual(expect.arrayContaining(["checkpoints", "run.lock"]));

  const resumed = await segkitHere([...train, "--out", "killed"], { cwd: root });
  expect(resumed).toMatchObject({ code: 0, stderr: "going on with the run in killed, which has the same options\n" });
  expect(resumed.stdout).toContain("continued from its checkpoint");
  expect(await rowsOf("killed")).toEqual(await rowsOf("whole"));
  expect(await rowsOf("killed")).toHaveLength(12);
  for (const name of ["best", "last"])
    expect((await weightsOf("killed", name)).equals(await weightsOf("whole", name)), `${name} weights`).toBe(true);
  const files = async (run: string): Promise<string[]> =>
    (await readdir(join(root, run), { recursive: true })).toSorted();
  expect(await files("killed")).toEqual(await files("whole"));
  const steps = async (run: string): Promise<unknown> =>
    (JSON.parse(await readFile(join(root, run, "run.json"), "utf8")) as { steps: unknown }).steps;
  expect(await steps("killed")).toEqual(await steps("whole"));
});
