import { mkdir, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { plainCard } from "../../test/support/card.ts";
import { tempFolder } from "../../test/support/dataset.ts";
import { CorruptFileError } from "../util/errors.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { RunFolder } from "./run-folder.node.ts";

test("a fresh folder has a name of its own, whoever asks at the same time", async () => {
  const parent = join(await tempFolder(), "runs", "train");
  const runs = await Promise.all([1, 2, 3].map(() => RunFolder.fresh(parent, "streets")));
  expect(runs.map(({ path }) => path).toSorted()).toEqual(
    ["streets", "streets-2", "streets-3"].map((name) => join(parent, name)),
  );
});

test("discard takes back what was made, and nothing else", async () => {
  const root = await tempFolder();
  const run = new RunFolder(join(root, "a", "b"));
  await run.create();
  await run.writeArguments({ bs: 4 });
  await run.writeResults(["epoch"], []);
  await run.discard();
  expect(await readdir(root)).toEqual([]);

  await writeFile(join(root, "mine.txt"), "");
  const own = new RunFolder(root);
  await own.create();
  await own.writeArguments({});
  await own.discard();
  expect(await readdir(root)).toEqual(["mine.txt"]);
});

test("an empty folder that was there stays", async () => {
  const run = new RunFolder(await tempFolder());
  await run.create();
  await run.discard();
  expect(await readdir(run.path)).toEqual([]);
});

test("hold removes what a killed process left half written, and a discarded folder is free again", async () => {
  const run = new RunFolder(await tempFolder());
  await mkdir(run.file("weights"));
  await mkdir(run.checkpoints.folder);
  await writeFile(run.file("run.json.1a2b3c4d.tmp"), "");
  await writeFile(run.file("checkpoints", "000001.safetensors.1a2b3c4d.tmp"), "");
  await writeFile(run.file("weights", "best.safetensors.1a2b3c4d.tmp"), "");
  await writeFile(run.file("notes.tmp"), "");
  await run.create();
  await run.hold();
  expect((await readdir(run.path, { recursive: true })).toSorted()).toEqual([
    ...["checkpoints", "notes.tmp", "run.lock", "weights"],
  ]);
  await run.discard();
  expect(await readdir(run.path)).toEqual(["notes.tmp"]);
});

test("what another process has taken over is not written to", async () => {
  const run = new RunFolder(await tempFolder());
  await run.create();
  await run.hold();
  await run.writeArguments({});
  const other = { pid: 1, host: "elsewhere", space: "", id: "x" };
  await writeFile(run.file("run.lock"), JSON.stringify(other));
  const refused = { exitCode: 2, message: `train: ${run.path} is in use by process 1 on elsewhere` };
  await expect(run.writeArguments({ bs: 1 })).rejects.toMatchObject(refused);
  await expect(run.writeWeights("best", new Map(), plainCard)).rejects.toMatchObject(refused);
  await expect(run.checkpoints.write({} as Checkpoint)).rejects.toMatchObject(refused);
  await run.release(true);
  expect(JSON.parse(await readFile(run.file("run.lock"), "utf8"))).toEqual(other);
});

test("arguments come back", async () => {
  const run = new RunFolder(await tempFolder());
  await run.writeArguments({ data: "streets", bs: 4, size: "96x128", blur: false });
  expect(await run.readArguments()).toEqual({ data: "streets", bs: 4, size: "96x128", blur: false });
  expect(await run.exists()).toBe(true);
});

test("a folder that is no run, and damaged arguments", async () => {
  const root = await tempFolder();
  const run = new RunFolder(root);
  await expect(run.readArguments()).rejects.toMatchObject({
    exitCode: 2,
    message: `${root} is not a run folder: it has no args.yaml`,
  });
  await expect(run.readWeights("best")).rejects.toMatchObject({ exitCode: 2 });
  await writeFile(run.file("args.yaml"), "just words");
  await expect(run.readArguments()).rejects.toBeInstanceOf(CorruptFileError);
  await expect(run.readWeights("best")).rejects.toMatchObject({
    exitCode: 2,
    message: `${root} has no weights/best.safetensors yet`,
  });
});

test("damaged weights are named", async () => {
  const run = new RunFolder(await tempFolder());
  await run.create();
  await writeFile(run.weightsFile("last"), "not weights");
  await expect(run.readWeights("last")).rejects.toMatchObject({
    exitCode: 7,
    message: expect.stringMatching(/weights\/last\.safetensors: expected a header/) as string,
  });
});

test("the best weights say which epoch they are of", async () => {
  const run = new RunFolder(await tempFolder());
  await run.create();
  expect(await run.readBest()).toBeUndefined();
  const best = { epoch: 3, loss: 0.1 + 0.2, metrics: { mean_iou: 1 / 3, none: NaN } };
  await run.writeWeights("best", new Map(), plainCard, best);
  expect(await run.readBest()).toEqual(best);
  await truncate(run.weightsFile("best"), 20);
  expect(await run.readBest()).toBeUndefined();
});
