import { describe, expect, test } from "vitest";
import { cpuDevice } from "../../test/support/cpu-device.ts";
import { SmallModel, smallBatch } from "../../test/support/small-learner.ts";
import { crossEntropy } from "../losses/cross-entropy.ts";
import { namedParameters } from "../nn/module.ts";
import { initialState } from "../nn/state.ts";
import { webgpuTarget } from "../onnx/target.ts";
import { LossScale } from "../optim/loss-scale.ts";
import type { OptimizerOptions } from "../optim/memory.ts";
import type { DeviceProgram, DeviceRuntime, DeviceTensor } from "../runtime/device.ts";
import { openRuntime } from "../runtime/ort.node.ts";
import { Random } from "../util/random.ts";
import { DeviceEngine } from "./device-engine.ts";
import {
  emptyOptimizerState,
  type Engine,
  LocalEngine,
  normName,
  type OptimizerState,
  type StepSettings,
} from "./engine.ts";
import { optimizerHead, optimizerState, optimizerTensors } from "./optimizer-tensors.ts";
import { trainingProgram, validationProgram } from "./programs.ts";

const model = new SmallModel({ norm: true });
// All but the bias in front of the batch norm: its gradient is 0 but for rounding, of which Adam makes whole steps.
const parameters = namedParameters(model).flatMap(([name]) => (name === "encoder.shallow.bias" ? [] : [name]));
const shape = { n: 2, height: 6, width: 8 };
const hypersOf = (names: readonly string[], lr = 0.01, wd = 0.1): StepSettings["hypers"] =>
  Object.fromEntries(names.map((name, i) => [name, { lr: i < 2 ? lr / 2 : lr, wd: name.endsWith("bias") ? 0 : wd }]));
const settings: StepSettings = { mom: 0.9, hypers: hypersOf(parameters) };

async function engines(optimizer: OptimizerOptions = {}): Promise<[local: Engine, device: Engine]> {
  const pair: [Engine, Engine] = [
    new LocalEngine(await openRuntime({ backend: "cpu", threads: 1 }), optimizer),
    new DeviceEngine(cpuDevice(), optimizer),
  ];
  for (const engine of pair) await prepare(engine);
  return pair;
}

const programOf = (trainable: readonly string[], target = webgpuTarget) =>
  trainingProgram(model, crossEntropy(), shape, { trainable }, target);

async function prepare(engine: Engine, target = webgpuTarget): Promise<void> {
  await engine.setState(initialState(model, new Random(1)));
  await engine.define("train", programOf(parameters, target));
  await engine.define("validate", validationProgram(model, crossEntropy(), shape, target));
}

const batch = (i: number) => {
  const { images, masks } = smallBatch([2 * i, 2 * i + 1]);
  return { images, masks };
};

/** Expects the values to agree to float32's rounding, and says where they do not. */
function expectAlike(actual: Numbers, expected: Numbers, tolerance = 2e-5): void {
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [name, values] of expected) {
    const scale = Math.max(1e-3, ...values.map(Math.abs));
    const off = Math.max(...actual.get(name)!.map((value, i) => Math.abs(value - values[i]!))) / scale;
    expect(off, name).toBeLessThan(tolerance);
  }
}
type Numbers = ReadonlyMap<string, number[]>;

async function everything(engine: Engine): Promise<Numbers> {
  const numbers = new Map<string, number[]>();
  for (const which of ["trained", "inferred"] as const)
    for (const [name, { data }] of await engine.state(which)) numbers.set(`${which} ${name}`, [...data]);
  const { step, slots, averages = {}, gathered } = await engine.optimizerState();
  numbers.set("step", [step, gathered?.weight ?? 0]);
  for (const [name, slot] of Object.entries(slots))
    for (const [kind, data] of Object.entries(slot)) numbers.set(`${kind} ${name}`, [...data]);
  for (const [kind, arrays] of Object.entries({ averages, gathered: gathered?.gradients ?? {} }))
    for (const [name, data] of Object.entries(arrays)) numbers.set(`${kind} ${name}`, [...data]);
  return numbers;
}

const variants: Record<string, (i: number) => StepSettings> = {
  AdamW: () => settings,
  "rates that move apart": (i) => ({ ...settings, hypers: hypersOf(parameters, i === 0 ? 0 : 0.01 / i) }),
  "decay through the gradient": () => ({ ...settings, l2: true }),
  "short gradients": () => ({ ...settings, clip: 0.05 }),
  "long gradients allowed": () => ({ ...settings, clip: 100 }),
  averages: () => ({ ...settings, average: 0.9 }),
  "batches gathered": (i) => ({ ...settings, accumulate: { weight: 1 + i, first: i % 2 === 0, last: i % 2 === 1 } }),
  "gathered, averaged and clipped": (i) => ({
    ...settings,
    ...{ clip: 0.05, average: 0.5, accumulate: { weight: 2 - i / 2, first: i % 2 === 0, last: i % 2 === 1 } },
  }),
};

describe("a device trains as the calling thread does", () => {
  test.each(Object.keys(variants))("%s", async (variant) => {
    const [local, device] = await engines();
    for (const engine of [local, device]) await engine.useAverages(variant.includes("average"));
    for (let i = 0; i < 3; i++) {
      const [expected, actual] = [
        await local.step("train", batch(i), variants[variant]!(i)),
        await device.step("train", batch(i), variants[variant]!(i)),
      ];
      expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
      for (const [name, value] of Object.entries(expected))
        expect(actual[name]![0], name).toBeCloseTo(Number(value[0]), 5);
      expectAlike(await everything(device), await everything(local));
    }
    const [expected, actual] = [await local.infer("validate", batch(9)), await device.infer("validate", batch(9))];
    expect(actual["loss"]![0]).toBeCloseTo(Number(expected["loss"]![0]), 5);
    expect(actual["predictions"]).toEqual(expected["predictions"]);
    await device.close();
  });

  test("gradient descent with momentum", async () => {
    const [local, device] = await engines({ name: "sgd" });
    for (let i = 0; i < 3; i++) for (const engine of [local, device]) await engine.step("train", batch(i), settings);
    expectAlike(await everything(device), await everything(local));
    await device.close();
  });

  test("some layers, then all: state of the optimizer stays with its parameters", async () => {
    const [local, device] = await engines();
    const some = parameters.slice(2);
    for (const engine of [local, device]) {
      await engine.define("some", programOf(some));
      await engine.step("some", batch(0), { ...settings, hypers: hypersOf(some) });
      await engine.step("train", batch(1), settings);
      await engine.release("some");
      await engine.release("train");
      await engine.define("some", programOf(some));
      await engine.step("some", batch(2), { ...settings, hypers: hypersOf(some) });
    }
    expectAlike(await everything(device), await everything(local));
    await device.close();
  });
});

describe("state of a device", () => {
  const trained = async (steps = 3): Promise<[Engine, OptimizerState]> => {
    const [local] = await engines();
    for (let i = 0; i < steps; i++)
      await local.step("train", batch(i), {
        ...{ ...settings, average: 0.9 },
        ...(i === 2 && { accumulate: { weight: 2, first: true, last: false } }),
      });
    return [local, await local.optimizerState()];
  };

  test("is taken over from another engine, in the middle of a step", async () => {
    const [local, optimizer] = await trained();
    const device = new DeviceEngine(cpuDevice());
    await prepare(device);
    await device.setState(await local.state());
    await device.setOptimizerState(optimizer);
    expectAlike(await everything(device), await everything(local), 1e-12);
    const last: StepSettings = { ...settings, average: 0.9, accumulate: { weight: 1, first: false, last: true } };
    for (const engine of [local, device]) await engine.step("train", batch(3), last);
    expectAlike(await everything(device), await everything(local));
    for (const engine of [local, device]) await engine.adoptAverages();
    expectAlike(await everything(device), await everything(local));
    await device.close();
  });

  test("is forgotten with new weights", async () => {
    const [, device] = await engines();
    await device.step("train", batch(0), { ...settings, average: 0.5 });
    await device.setState(initialState(model, new Random(1)));
    expect(await device.optimizerState()).toEqual({ step: 0, slots: {} });
    await device.close();
  });

  test("does not fit another model's", async () => {
    const [, device] = await engines();
    await expect(device.setOptimizerState({ step: 1, slots: { head: { m: new Float32Array(1) } } })).rejects.toThrow(
      'optimizer: expected state of no values for "head", but received 1',
    );
    await device.close();
  });
});

describe("a step that cannot be taken", () => {
  test("a loss that is not finite changes nothing", async () => {
    const [local, device] = await engines();
    const before = await everything(device);
    const { images, masks } = batch(0);
    const outputs = await device.step("train", { images: images.fill(NaN), masks }, settings);
    expect(outputs["loss"]![0]).toBeNaN();
    expectAlike(await everything(device), before, 1e-12);
    await Promise.all([local.close(), device.close()]);
  });

  test("an unknown program is named", async () => {
    await expect(new DeviceEngine(cpuDevice()).infer("nothing", {})).rejects.toThrow(
      "engine: no program is named nothing",
    );
  });
});

describe("convolutions in float16", () => {
  const half = async (lossScale: LossScale): Promise<Engine> => {
    const engine = new DeviceEngine(cpuDevice({ half: true }), {}, lossScale);
    await prepare(engine, engine.target);
    return engine;
  };

  test("train as float32 does, to float16's rounding, whatever the loss is scaled with", async () => {
    const [local] = await engines();
    const device = await half(new LossScale());
    for (let i = 0; i < 3; i++) for (const engine of [local, device]) await engine.step("train", batch(i), settings);
    const [actual, expected] = [await device.state(), await local.state()];
    // AdamW's first steps are ±lr whatever the gradient's length: rounding moves a weight by a share of that.
    for (const [name, { data }] of expected)
      expect(Math.max(...data.map((value, i) => Math.abs(value - actual.get(name)!.data[i]!))), name).toBeLessThan(
        6e-3,
      );
    expect((await device.optimizerState()).step).toBe(3);
    await device.close();
  });

  test("gradients do not depend on the scale", async () => {
    const moments = async (initial: number): Promise<Numbers> => {
      const device = await half(new LossScale({ initial }));
      await device.step("train", batch(0), settings);
      const slots = Object.entries((await device.optimizerState()).slots);
      await device.close();
      return new Map(slots.map(([name, { m }]) => [name, [...m!]]));
    };
    expectAlike(await moments(4096), await moments(256), 5e-3);
  });

  test("a step whose gradients overflow is left out, and the scale halved", async () => {
    const scale = new LossScale({ initial: 1e38 });
    const device = await half(scale);
    const weights = await device.state();
    const outputs = await device.step("train", batch(0), settings);
    expect(outputs[normName]![0]).not.toBeLessThan(Infinity);
    expect(scale.value).toBe(5e37);
    expect((await device.optimizerState()).step).toBe(0);
    for (const name of parameters) expect((await device.state()).get(name)).toEqual(weights.get(name));
    await device.close();
  });
});

describe("a training in float16 that goes on from a checkpoint", () => {
  // The first steps overflow until the scale is small enough; then it grows again after every second step.
  const open = async (): Promise<Engine> => {
    const engine = new DeviceEngine(cpuDevice({ half: true }), {}, new LossScale({ initial: 2 ** 27, growAfter: 2 }));
    await prepare(engine, engine.target);
    return engine;
  };

  test("ends with the numbers of one that was not interrupted, bit for bit", async () => {
    const whole = await open();
    for (let i = 0; i < 12; i++) await whole.step("train", batch(i), settings);
    const before = await open();
    for (let i = 0; i < 7; i++) await before.step("train", batch(i), settings);
    const { head, tensors } = optimizerTensors(await before.optimizerState());
    const weights = await before.state();
    await before.close();
    const after = await open();
    await after.setState(weights);
    await after.setOptimizerState(optimizerState(optimizerHead.parse(JSON.parse(JSON.stringify(head))), tensors));
    for (let i = 7; i < 12; i++) await after.step("train", batch(i), settings);
    expect(await everything(after)).toEqual(await everything(whole));
    const { lossScale, step } = await whole.optimizerState();
    expect((await after.optimizerState()).lossScale).toEqual(lossScale);
    // Some steps were left out, some taken: with another scale, others would have been.
    expect([step > 2, step < 10, lossScale!.value < 2 ** 26]).toEqual([true, true, true]);
    await after.setOptimizerState(emptyOptimizerState);
    expect((await after.optimizerState()).lossScale).toEqual({ value: 2 ** 27, finite: 0 });
    for (const engine of [whole, after]) await engine.close();
  });
});

describe("what stays on the device", () => {
  /** A device that tells what goes there and comes back, and how many tensors it holds. */
  function watched() {
    const [fed, read] = [new Set<string>(), new Set<string>()];
    const living = new Set<DeviceTensor>();
    const runtime = cpuDevice();
    const loadResident = async (...args: Parameters<DeviceRuntime["loadResident"]>): Promise<DeviceProgram> => {
      const program = await runtime.loadResident(...args);
      return {
        release: () => program.release(),
        run: async (feeds, resident) => {
          const result = await program.run(feeds, resident);
          for (const name of Object.keys(args[0].inputs)) if (!(name in resident)) fed.add(name);
          for (const name of Object.keys(result.values)) read.add(name);
          for (const tensor of Object.values(result.kept)) {
            const dispose = tensor.dispose.bind(tensor);
            living.add(tensor);
            tensor.dispose = () => {
              living.delete(tensor);
              dispose();
            };
          }
          return result;
        },
      };
    };
    const device: DeviceRuntime = {
      name: "watched",
      threads: 1,
      target: runtime.target,
      load: (program) => runtime.load(program),
      loadResident,
    };
    return { device, fed, read, living };
  }

  test("weights and optimizer state do in every step; nothing is left over", async () => {
    const { device, fed, read, living } = watched();
    const engine = new DeviceEngine(device);
    await prepare(engine);
    const demanding = { ...settings, clip: 1, average: 0.9 };
    await engine.step("train", batch(0), demanding);
    const held = living.size;
    for (const names of [fed, read]) names.clear();
    for (let i = 1; i < 4; i++) {
      await engine.step("train", batch(i), demanding);
      expect(living.size).toBe(held);
    }
    const large = [...fed].filter((name) => !/^(factor|number|(keep|take|rate|epsilon|decay):\d+)$/.test(name));
    expect(large.sort()).toEqual(["images", "masks"]);
    expect([...read].sort()).toEqual(["loss", "norm"]);
    await engine.infer("validate", batch(0));
    await engine.state();
    expect(living.size).toBe(held);
    await engine.close();
    expect(living.size).toBe(0);
  });

  test("steps that are not taken leave nothing over either", async () => {
    const { device, living } = watched();
    const engine = new DeviceEngine(device);
    await prepare(engine);
    await engine.step("train", batch(0), settings);
    const held = living.size;
    const { images, masks } = batch(1);
    await engine.step("train", { images: images.fill(NaN), masks }, settings);
    expect(living.size).toBe(held);
    const gathering = { ...settings, accumulate: { weight: 1, first: true, last: false } };
    await engine.step("train", batch(3), gathering);
    await engine.step("train", batch(3), gathering);
    expect(living.size).toBe(held + parameters.length);
    await engine.close();
    expect(living.size).toBe(0);
  });
});
