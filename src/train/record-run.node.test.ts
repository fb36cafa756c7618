import { mkdir, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import type { EpochResult, FitState } from "./callback.ts";
import { RecordRun, type RunFacts } from "./record-run.node.ts";
import { RunFolder } from "./run-folder.node.ts";

const facts: RunFacts = {
  started: "2026-01-02T03:04:05.000Z",
  versions: { segkit: "1.0.0" },
  machine: { system: "Linux", processor: "CPU", cores: 2, memory: 1e9, engine: "cpu" },
  data: { train: 8, valid: 2, hash: "a", split: "b" },
  weights: "drawn at random",
};
const at = (epoch: number, batch: number, batches = 2): FitState =>
  ({
    epoch,
    batch,
    batches,
    batchSize: 4,
    smoothLoss: epoch + batch / 10,
    lr: [1, 2],
    momentum: 0.9,
  }) as unknown as FitState;
const result = (epoch: number): EpochResult => ({ epoch, seconds: 1.5 }) as unknown as EpochResult;

async function train(record: RecordRun, from: number, to: number): Promise<void> {
  for (let epoch = from; epoch < to; epoch++) {
    for (const batch of [0, 1]) record.batchEnd(at(epoch, batch));
    await record.epochEnd(at(epoch, 1), result(epoch));
  }
}

test("facts, steps and epochs of all fits of a run, counted through it", async () => {
  const run = new RunFolder(await tempFolder());
  const record = await RecordRun.begin(run, facts);
  expect(await run.readRecord()).toMatchObject({ ...facts, steps: { batch: [] }, epochs: [] });
  record.fitStart(at(0, 0));
  await train(record, 0, 2);
  record.first = 2;
  record.fitStart(at(0, 0));
  record.batchEnd(at(0, 0));
  record.batchEnd({ ...at(0, 1), smoothLoss: NaN });
  await record.fitEnd();
  expect(await run.readRecord()).toEqual({
    ...{ format: 1, ...facts },
    steps: {
      batch: [0, 1, 2, 3, 4],
      loss: [0, 0.1, 1, 1.1, 0],
      lr: [2, 2, 2, 2, 2],
      momentum: [0.9, 0.9, 0.9, 0.9, 0.9],
    },
    epochs: [0, 1].map((epoch) => ({ epoch, batches: 2, pictures: 8, seconds: 1.5 })),
  });
});

test("a run that goes on forgets what came after its checkpoint, and keeps how it began", async () => {
  const run = new RunFolder(await tempFolder());
  const before = await RecordRun.begin(run, facts);
  before.fitStart(at(0, 0));
  await train(before, 0, 3);
  const machine = { ...facts.machine, cores: 64 };
  const after = await RecordRun.begin(run, { ...facts, started: "later", weights: "none", machine });
  after.fitStart(at(1, 1));
  after.batchEnd(at(1, 1));
  await after.fitEnd();
  const record = (await run.readRecord())!;
  expect(record).toMatchObject({ started: facts.started, weights: facts.weights, machine: { cores: 64 } });
  expect(record.steps.batch).toEqual([0, 1, 2, 3]);
  expect(record.epochs.map(({ epoch }) => epoch)).toEqual([0]);
});

test("of a long run every second, every fourth step is kept, from the first to the end", async () => {
  const run = new RunFolder(await tempFolder());
  const record = await RecordRun.begin(run, facts);
  record.fitStart(at(0, 0, 10_000));
  for (let batch = 0; batch < 10_000; batch++) record.batchEnd(at(0, batch, 10_000));
  await record.fitEnd();
  const { batch, loss } = (await run.readRecord())!.steps;
  expect(batch).toEqual(Array.from({ length: 2500 }, (_, i) => 4 * i));
  expect(loss[100]).toBeCloseTo(40, 3);
});

test("what cannot be written is one warning, and what cannot be read is no record", async () => {
  const run = new RunFolder(await tempFolder());
  await mkdir(run.file("run.json"));
  const warnings: string[] = [];
  const record = await RecordRun.begin(run, facts, (message) => warnings.push(message));
  await record.fitEnd();
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/run\.json: cannot be written: .*; training goes on/);
  const other = new RunFolder(await tempFolder());
  await writeFile(other.file("run.json"), '{"format":1,"started":');
  expect(await other.readRecord()).toBeNull();
});
