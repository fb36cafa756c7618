import { decode } from "fast-png";
import { beforeAll, describe, expect, test } from "vitest";
import type { StateDict } from "../../src/nn/state.ts";
import { TensorBoard } from "../../src/train/callbacks/tensorboard.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../src/train/checkpoint.ts";
import { MemoryHost } from "../../src/train/memory-host.ts";
import { perClassIou } from "../../src/metrics/overlap.ts";
import { ResourceError } from "../../src/util/errors.ts";
import { eventsIn, valuesIn } from "../support/event-file.ts";
import { smallLearner } from "../support/small-learner.ts";

const file = (number: number): string => `tensorboard/events.out.tfevents.segkit.00${number}`;

/** What a log says under a tag: step and number. */
function pointsOf(host: MemoryHost, tag: string): [step: number, value: number][] {
  return valuesIn(host).flatMap((value) => (value.tag === tag ? [[value.step, value.simpleValue!]] : []));
}

describe("a log of two fits", () => {
  const host = new MemoryHost();
  let learner: Awaited<ReturnType<typeof smallLearner>>;
  let state: StateDict;
  const losses: number[] = [];
  const rates: (readonly number[])[] = [];
  const moms: number[] = [];

  beforeAll(async () => {
    learner = await smallLearner({
      host,
      callbacks: [
        new TensorBoard({ pictures: 3 }),
        { batchEnd: ({ loss, lr, momentum }) => void [losses.push(loss), rates.push(lr), moms.push(momentum)] },
      ],
    });
    await learner.fitOneCycle(2, { start: 1e-4, stop: 1e-2 });
    await learner.fit(1, 1e-3);
    state = await learner.stateDict();
  });

  const expected = (values: readonly number[], first = 1): [number, number][] =>
    values.map((value, i) => [first + i, Math.fround(value)]);

  test("has loss, rates and momentum of every step, counted through the fits", () => {
    expect(pointsOf(host, "loss/train")).toEqual(expected(losses));
    expect(losses).toHaveLength(12);
    expect(pointsOf(host, "schedule/lr")).toEqual(expected(rates.map((lr) => lr.at(-1)!)));
    expect(pointsOf(host, "schedule/lr_group_0")).toEqual(expected(rates.slice(0, 8).map((lr) => lr[0]!)));
    expect(pointsOf(host, "schedule/momentum")).toEqual(expected(moms));
  });

  test("has validation loss, metrics and the classes' IoU of every epoch", () => {
    const { epochs } = learner.recorder;
    const last = (value: number): [number, number][] => [[12, Math.fround(value)]];
    expect(pointsOf(host, "loss/valid").map(([step]) => step)).toEqual([4, 8, 12]);
    const { trainLoss, validation } = epochs.at(-1)!;
    expect(pointsOf(host, "loss/valid").slice(-1)).toEqual(last(validation.loss));
    expect(pointsOf(host, "loss/train_smoothed").slice(-1)).toEqual(last(trainLoss));
    for (const [title, value] of Object.entries(validation.metrics))
      expect(pointsOf(host, `metrics/${title}`).slice(-1)).toEqual(last(value));
    for (const [id, iou] of perClassIou(validation.confusion, null).entries())
      expect(pointsOf(host, `iou/${"abc"[id]}`).slice(-1)).toEqual(last(iou!));
  });

  test("has pictures: what the network sees, the truth, and the prediction of every epoch", async () => {
    const images = valuesIn(host).filter(({ image }) => image);
    const tags = images.map(({ step, tag }) => `${step} ${tag.replace("pictures/", "")}`);
    const kinds = ["picture", "truth", "prediction"];
    expect(tags).toEqual([
      // Two batches of two pictures: 0 and 1, 2 and 3.
      ...["0", "2", "3"].flatMap((id) => kinds.map((kind) => `4 ${id}/${kind}`)),
      ...["0", "2", "3"].map((id) => `8 ${id}/prediction`),
      ...["0", "2", "3"].flatMap((id) => kinds.map((kind) => `12 ${id}/${kind}`)),
    ]);
    const shown = images.slice(-3).map(({ image }) => decode(image!.encodedImageString));
    const { value: batch } = await learner.getPreds({ from: 1 }).next();
    if (!batch) throw new Error("there is no second batch");
    const pixels = shown[2]!;
    expect([pixels.height, pixels.width]).toEqual([6, 8]);
    expect([...pixels.data]).toEqual([...batch.predictions.subarray(48)]);
    expect([...shown[1]!.data]).toEqual([...batch.truth!.subarray(48)]);
    expect(pixels.palette!.slice(0, 4)).toEqual([
      [0, 0, 0],
      [1, 1, 1],
      [2, 2, 2],
      [0, 0, 0],
    ]);
    expect(shown[0]!.channels).toBe(3);
  });

  test("has a histogram of each weight", () => {
    const histograms = valuesIn(host).filter(({ histo, step }) => histo && step === 12);
    expect(histograms.map(({ tag }) => tag)).toEqual([...state.keys()].map((name) => `weights/${name}`));
    for (const [i, { data }] of [...state.values()].entries()) {
      const { num, min, max } = histograms[i]!.histo!;
      expect([num, min, max]).toEqual([data.length, Math.min(...data), Math.max(...data)]);
    }
  });

  test("is one file that says which format it has, and that nothing before it counts", () => {
    expect([...host.files.keys()]).toEqual([file(0)]);
    expect(eventsIn(host.files.get(file(0))!).slice(0, 2)).toMatchObject([
      { step: 0, fileVersion: "brain.Event:2" },
      { step: 0, sessionLog: { status: 1 } },
    ]);
  });
});

describe("a fit that was killed", () => {
  const epochs = 3;
  type Stop = { readonly after: number; readonly epochEnd?: boolean };

  /** Trains until a place; a checkpoint was taken at another, and a part of a record is left behind. */
  async function killed(checkpoint: Stop, end: Stop): Promise<{ host: MemoryHost; taken: Uint8Array }> {
    const host = new MemoryHost();
    const learner = await smallLearner({ host, callbacks: [new TensorBoard({ now: () => 1000 })] });
    let done = 0;
    let taken: Uint8Array | undefined;
    const at = async (epochEnd: boolean): Promise<void> => {
      const here = ({ after, epochEnd: ends = false }: Stop): boolean => after === done && ends === epochEnd;
      if (here(checkpoint))
        taken = Uint8Array.from(
          Buffer.concat(
            encodeCheckpoint({ phase: 0, earlier: [], data: "", seed: 0, ...(await learner.checkpoint()) }),
          ),
        );
      if (here(end)) throw new Error("killed");
    };
    const watch = {
      order: 100,
      batchEnd: () => {
        done++;
        return at(false);
      },
      epochEnd: () => at(true),
    };
    await expect(learner.fitOneCycle(epochs, 1e-2, { callbacks: [watch] })).rejects.toThrow("killed");
    return { host, taken: taken! };
  }

  async function resumed(host: MemoryHost, taken: Uint8Array): Promise<void> {
    const { weights, optimizer, position } = decodeCheckpoint(taken);
    const learner = await smallLearner({ host, weights, callbacks: [new TensorBoard({ now: () => 2000 })] });
    await learner.engine.setOptimizerState(optimizer);
    await learner.fitOneCycle(epochs, 1e-2, { from: position });
  }

  let whole: ReturnType<typeof valuesIn>;
  beforeAll(async () => {
    const host = new MemoryHost();
    const learner = await smallLearner({ host, callbacks: [new TensorBoard()] });
    await learner.fitOneCycle(epochs, 1e-2);
    whole = valuesIn(host);
  });

  test.each<[string, Stop, Stop]>([
    ["where its checkpoint is", { after: 6 }, { after: 6 }],
    ["in the epoch of its checkpoint", { after: 5 }, { after: 7 }],
    ["epochs after its checkpoint", { after: 1 }, { after: 9 }],
    ["after an epoch, the checkpoint before its validation", { after: 4 }, { after: 4, epochEnd: true }],
    ["in an epoch, the checkpoint before the last one's validation", { after: 4 }, { after: 5 }],
    ["in an epoch, the checkpoint after the last one's validation", { after: 4, epochEnd: true }, { after: 7 }],
  ])("%s: its log goes on, nothing missing and nothing twice", async (_, checkpoint, end) => {
    const { host, taken } = await killed(checkpoint, end);
    const same = checkpoint.after === end.after && checkpoint.epochEnd === end.epochEnd;
    const before = host.files.get(file(0))!;
    await resumed(host, taken);
    expect(valuesIn(host)).toEqual(whole);
    // What is not written again is written once only.
    const after = host.files.get(file(0))!;
    if (same) expect(after.subarray(0, before.length)).toEqual(before);
    else expect([after.length, host.files.size]).toEqual([0, 2]);
  });

  test("in the middle of writing a record", async () => {
    const { host, taken } = await killed({ after: 6 }, { after: 7 });
    const bytes = host.files.get(file(0))!;
    host.files.set(file(0), bytes.slice(0, bytes.length - 9));
    await resumed(host, taken);
    expect(valuesIn(host)).toEqual(whole);
    // Once more, from an older checkpoint than the log that took the first one's place.
    await resumed(host, taken);
    expect(valuesIn(host)).toEqual(whole);
    expect([...host.files.keys()].filter((path) => host.files.get(path)!.length > 0)).toEqual([file(2)]);
  });

  test("and whose log was taken away begins a new one", async () => {
    const { host, taken } = await killed({ after: 6 }, { after: 7 });
    host.files.clear();
    await resumed(host, taken);
    expect(valuesIn(host)).toEqual(whole.filter(({ step }) => step > 6));
  });
});

describe("a log in a folder that has one", () => {
  test("of another callback begins after it", async () => {
    const host = new MemoryHost();
    for (const epochs of [2, 1]) {
      const learner = await smallLearner({ host });
      await learner.fit(epochs, 1e-3, { callbacks: [new TensorBoard({ pictures: 0, histograms: false })] });
    }
    expect([...host.files.keys()]).toEqual([file(0), file(1)]);
    expect(eventsIn(host.files.get(file(1))!)[1]).toMatchObject({ step: 0, sessionLog: { status: 1 } });
  });

  test("of the same callback, whose fit failed, leaves out what is trained again", async () => {
    const host = new MemoryHost();
    const learner = await smallLearner({ host, callbacks: [new TensorBoard({ pictures: 0, histograms: false })] });
    let fails = true;
    const failing = {
      batchEnd: () => (fails ? Promise.reject(new Error("on the way")) : Promise.resolve()),
      order: 95,
    };
    await expect(learner.fit(1, 1e-3, { callbacks: [failing] })).rejects.toThrow("on the way");
    fails = false;
    await learner.fit(1, 1e-3, { callbacks: [failing] });
    expect(pointsOf(host, "loss/train").map(([step]) => step)).toEqual([1, 2, 3, 4]);
  });
});

describe("a log that cannot be written", () => {
  /** A host whose `failing`th appends fail, some of the bytes written. */
  function fullDisk(failing: readonly number[]): MemoryHost {
    const host = new MemoryHost();
    const { append } = host;
    let count = 0;
    host.append = async (path, bytes) => {
      if (!failing.includes(++count)) return append(path, bytes);
      await append(path, bytes.subarray(0, Math.ceil(bytes.length * 0.7)));
      throw new ResourceError("the disk is full");
    };
    return host;
  }

  test("is written again later, and training goes on", async () => {
    const host = fullDisk([2, 3, 5]);
    const warnings: string[] = [];
    const onWarning = (message: string): void => void warnings.push(message);
    const learner = await smallLearner({ host, callbacks: [new TensorBoard({ pictures: 0, onWarning })] });
    await learner.fit(2, 1e-3);
    expect(warnings).toEqual(
      Array.from({ length: 2 }, () => "the disk is full; training goes on, and writing is tried again"),
    );
    expect(pointsOf(host, "loss/train").map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(pointsOf(host, "loss/valid").map(([step]) => step)).toEqual([4, 8]);
  });

  test("ends the fit where nobody is told", async () => {
    const learner = await smallLearner({ host: fullDisk([2]), callbacks: [new TensorBoard()] });
    await expect(learner.fit(1, 1e-3)).rejects.toThrow("the disk is full");
  });

  test("is known before the first batch", async () => {
    const host = new MemoryHost();
    host.requireWritable = (folder) => Promise.reject(new ResourceError(`folder ${folder} cannot be written`));
    const learner = await smallLearner({ host, path: "out", callbacks: [new TensorBoard({ folder: "logs" })] });
    await expect(learner.fit(1)).rejects.toThrow("folder out/logs cannot be written");
    expect(learner.recorder.losses).toEqual([]);
  });
});

test("numbers of a validation that was left out are not logged", async () => {
  const host = new MemoryHost();
  const skip = { epochStart: (state: { skipValidation(): void }) => state.skipValidation() };
  const learner = await smallLearner({ host, callbacks: [new TensorBoard({ pictures: 0, histograms: false }), skip] });
  await learner.fit(1, 1e-3);
  expect(new Set(valuesIn(host).map(({ tag }) => tag))).toEqual(
    new Set(["loss/train", "schedule/lr", "schedule/momentum", "loss/train_smoothed"]),
  );
});

test("pictures that are no number of pictures", () => {
  expect(() => new TensorBoard({ pictures: 1.5 })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: TensorBoard: expected pictures to be a whole number, but received 1.5]`,
  );
});
