/** @file What the page of `segkit demo` trains with, in Node: stop, resume, after a reload too, and the exported file. */
import { beforeAll, describe, expect, test } from "vitest";
import { loadPredictor } from "../src/inference/index.node.ts";
import { openRuntime } from "../src/runtime/ort.node.ts";
import type { TrainingEvent, TrainingSettings } from "../src/studio/training/protocol.ts";
import { shownScenes } from "../src/studio/training/scenes.ts";
import { Trainer } from "../src/studio/training/trainer.ts";
import { decodeCheckpoint } from "../src/train/checkpoint.ts";
import { LocalEngine } from "../src/train/engine.ts";
import { MemoryHost } from "../src/train/memory-host.ts";
import { ResourceError } from "../src/util/errors.ts";

const settings: TrainingSettings = { height: 32, width: 32, epochs: 2, seed: 3 };
const steps = 48;

type Kind = TrainingEvent["kind"];
type Of<K extends Kind> = Extract<TrainingEvent, { kind: K }>;

/** A trainer, and what it told. */
class Told {
  readonly events: TrainingEvent[] = [];
  readonly trainer: Trainer;
  /** Called with every event. */
  onEvent: (event: TrainingEvent) => void = () => {};

  constructor(host = new MemoryHost(), openEngine = async () => new LocalEngine(await processor())) {
    this.trainer = new Trainer({
      host,
      openEngine: async () => ({ engine: await openEngine(), reason: undefined }),
      openProcessor: processor,
      tell: (event) => {
        this.events.push(event);
        this.onEvent(event);
      },
    });
  }

  all<K extends Kind>(kind: K): Of<K>[] {
    return this.events.filter((event): event is Of<K> => event.kind === kind);
  }

  last<K extends Kind>(kind: K): Of<K> {
    return this.all(kind).at(-1)!;
  }

  /** Stops a training when so many steps are taken. */
  stopAfter(count: number): void {
    this.onEvent = () => {
      if (this.all("step").length === count) void this.trainer.hear({ kind: "stop" });
    };
  }
}

const processor = () => openRuntime({ backend: "cpu", threads: 1 });
const start = { kind: "start", settings, backend: "auto" } as const;
const resume = { kind: "resume", backend: "auto" } as const;

describe("a training", () => {
  const host = new MemoryHost();
  const whole = new Told(host);
  beforeAll(() => whole.trainer.hear(start));

  test("tells what it does, from the scenes to the end", () => {
    const kinds = whole.events.map(({ kind }) => kind).filter((kind, i, all) => kind !== all[i - 1]);
    expect(kinds.slice(0, 5)).toEqual(["scenes", "drawing", "began", "predictions", "step"]);
    expect(kinds.slice(-3)).toEqual(["epoch", "predictions", "rests"]);
    expect(whole.last("drawing")).toMatchObject({ done: 112, total: 112 });
    expect(whole.all("step")).toHaveLength(steps);
    expect(whole.all("epoch").map(({ row }) => row.epoch)).toEqual([1, 2]);
    expect(whole.all("error")).toEqual([]);
  });

  test("lowers the loss, and shows what has become of four scenes", () => {
    const { losses, epochs } = whole.last("rests").standing!;
    expect(losses.at(-1)).toBeLessThan(0.8 * losses[0]!);
    expect(epochs[1]!.accuracy).toBeGreaterThan(0.3);
    const { scenes } = whole.last("scenes");
    const { masks } = whole.last("predictions");
    expect(masks.map(({ length }) => length)).toEqual(scenes.truths.map(({ length }) => length));
    expect(masks).toHaveLength(4);
  });

  test("is exported after a reload, as a file that gives the same masks", async () => {
    const later = new Told(host);
    await later.trainer.hear({ kind: "export", backend: "auto" });
    expect(later.last("predictions").masks).toEqual(whole.last("predictions").masks);
    const predictor = await loadPredictor(later.last("model").bytes, { threads: 1 });
    const masks = await predictor.predictBatch(shownScenes(settings).map(({ image }) => image));
    await predictor.release();
    const expected = whole.last("predictions").masks.flatMap((mask) => [...mask]);
    const actual = masks.flatMap(({ data }) => [...data]);
    expect(actual.filter((id, i) => id === expected[i]).length / expected.length).toBeGreaterThanOrEqual(0.9999);
    expect(predictor.spec.names).toHaveLength(12);
    expect(later.last("rests").standing).toEqual(whole.last("rests").standing);
  });

  test("stops in the middle of an epoch, and goes on in another page and in the same to the very same end", async () => {
    const own = new MemoryHost();
    const first = new Told(own);
    first.stopAfter(20);
    await first.trainer.hear(start);
    expect(first.last("rests").standing).toMatchObject({ settings, epochs: [] });
    expect(first.last("rests").standing!.losses).toHaveLength(20);

    const second = new Told(own);
    await second.trainer.hear({ kind: "recall", settings: { ...settings, seed: 99 } });
    expect(second.last("rests").standing).toEqual(first.last("rests").standing);
    expect(second.last("scenes")).toEqual(first.last("scenes"));
    second.stopAfter(10);
    await second.trainer.hear(resume);
    expect(second.last("rests").standing!.losses).toHaveLength(30);
    expect(second.last("rests").standing!.epochs).toHaveLength(1);
    second.onEvent = () => {};
    await second.trainer.hear(resume);

    expect(second.last("rests").standing).toEqual(whole.last("rests").standing);
    const [continued, expected] = await Promise.all(
      [own, host].map(async (each) => decodeCheckpoint(await each.read("training.ckpt"))),
    );
    expect(continued!.weights).toEqual(expected!.weights);
    expect(continued!.optimizer).toEqual(expected!.optimizer);
  });
});

test("stopped while it draws, a new training leaves the one before as it was", async () => {
  const host = new MemoryHost();
  const told = new Told(host);
  told.stopAfter(2);
  await told.trainer.hear(start);
  const before = told.last("rests");
  told.onEvent = ({ kind }) => void (kind === "drawing" && told.trainer.hear({ kind: "stop" }));
  await told.trainer.hear({ ...start, settings: { ...settings, seed: 4 } });
  expect(told.all("step")).toHaveLength(2);
  expect(told.last("rests")).toEqual(before);
  expect(told.all("error")).toEqual([]);
});

test("where the browser keeps nothing, it says so once and trains all the same", async () => {
  const host = new MemoryHost();
  host.write = async () => {
    throw new ResourceError("training.json: the browser does not keep it", { hint: "Free space." });
  };
  const told = new Told(host);
  told.stopAfter(26);
  await told.trainer.hear(start);
  expect(told.all("error")).toEqual([
    { kind: "error", message: "training.json: the browser does not keep it", hint: "Free space." },
  ]);
  expect(told.last("rests").standing!.losses).toHaveLength(26);
});

test("what fails is told, and nothing that is kept is lost", async () => {
  const told = new Told(new MemoryHost(), async () => {
    throw new Error("no memory");
  });
  await told.trainer.hear(start);
  await told.trainer.hear(resume);
  expect(told.all("error").map(({ message }) => message)).toEqual([
    "no memory",
    "There is no training that could go on.",
  ]);
  expect(told.last("rests").standing).toBeNull();
});

test("a kept training of another recipe, or a damaged one, is none", async () => {
  const host = new MemoryHost();
  const told = new Told(host);
  told.stopAfter(1);
  await told.trainer.hear(start);
  const record = await host.read("training.json");
  const standing = async () => {
    const later = new Told(host);
    await later.trainer.hear({ kind: "recall", settings });
    return later.last("rests").standing;
  };
  expect(await standing()).toMatchObject({ settings, epochs: [] });
  await host.write("training.json", JSON.stringify({ settings: { ...settings, seed: 5 }, losses: [1] }));
  expect(await standing()).toBeNull();
  await host.write("training.json", record);
  await host.write("training.ckpt", "not a checkpoint");
  expect(await standing()).toBeNull();
});
