import { describe, expect, test } from "vitest";
import { unet } from "../models/unet/unet.ts";
import { TinyEncoder } from "../../test/support/tiny-encoder.ts";
import { crossEntropy } from "../losses/cross-entropy.ts";
import { namedParameters } from "../nn/module.ts";
import { executionOrder } from "../onnx/execution-order.ts";
import { graphOf } from "../onnx/hidden-shapes.ts";
import { bytesIn, mostAlive } from "../onnx/peak-memory.ts";
import { valueTypes } from "../onnx/shapes.ts";
import { cpuTarget } from "../onnx/target.ts";
import { ConfigError } from "../util/errors.ts";
import { autoBatchSize } from "./auto-batch-size.ts";
import { trainingProgram } from "./programs.ts";
import { trainingMemory } from "./training-memory.ts";

const model = unet({ encoder: new TinyEncoder(), classes: 3 });
const size = [96, 128] as const;
const bytesOf = (n: number): number =>
  trainingMemory(model, crossEntropy(), { n, height: size[0], width: size[1] }, cpuTarget).total;
/** What lives at one time in a training step, and what is estimated of the training. */
const memoryOf = (n: number) => {
  const shape = { n, height: size[0], width: size[1] };
  const variant = { trainable: namedParameters(model).map(([name]) => name) };
  const graph = graphOf(trainingProgram(model, crossEntropy(), shape, variant, cpuTarget));
  const kept = new Set(graph.output.map(({ name }) => name));
  const alive = mostAlive(executionOrder(graph.node), bytesIn(valueTypes({ graph })), kept).bytes;
  return { ...trainingMemory(model, crossEntropy(), shape, cpuTarget), alive };
};
type Memory = ReturnType<typeof memoryOf>;
const choose = (pictures: number, freeBytes: number, more: { share?: number; most?: number } = {}) =>
  autoBatchSize(model, { size, pictures, freeBytes, ...more });

describe("the memory of a training", () => {
  test("grows as the batch; ONNX Runtime takes a little more than what lives", () => {
    const [one, two, four] = [1, 2, 4].map(memoryOf) as [Memory, Memory, Memory];
    expect((four.alive - two.alive) / (two.alive - one.alive)).toBeCloseTo(2, 2);
    expect((four.batches - two.batches) / (two.batches - one.batches)).toBe(2);
    // Its arena grows by regions of powers of two, and values leave gaps in them: 15 to 21 % here, by how they happen to fit.
    for (const { training, alive } of [one, two, four]) {
      expect(training).toBeGreaterThan(1.12 * alive);
      expect(training).toBeLessThan(1.12 * 1.25 * alive);
    }
  });

  test("is the sum of its parts", () => {
    const { total, ...parts } = trainingMemory(model, crossEntropy(), { n: 2, height: 96, width: 128 }, cpuTarget);
    expect(Object.values(parts).reduce((sum, bytes) => sum + bytes, 0)).toBe(total);
    expect(parts.training).toBeGreaterThan(2 * parts.validation);
  });
});

describe("a batch size", () => {
  test("is 16 where neither memory nor pictures are scarce", () => {
    expect(choose(600, 64e9)).toMatchObject({ batchSize: 16, bytes: bytesOf(16), limit: "most" });
    expect(choose(600, 64e9, { most: 32 }).batchSize).toBe(32);
    expect(choose(600, 64e9, { most: 10 }).batchSize).toBe(8);
  });

  test("is the largest that takes no more than its share of what is free", () => {
    const enough = (n: number, share: number): number => Math.ceil(bytesOf(n) / share);
    expect(choose(600, enough(8, 0.6))).toMatchObject({ batchSize: 8, limit: "memory" });
    expect(choose(600, enough(8, 0.6) - 10).batchSize).toBe(4);
    expect(choose(600, enough(8, 0.9), { share: 0.9 }).batchSize).toBe(8);
  });

  test("leaves an epoch four batches", () => {
    expect(choose(63, 64e9)).toMatchObject({ batchSize: 8, limit: "pictures" });
    expect(choose(64, 64e9)).toMatchObject({ batchSize: 16, limit: "most" });
    expect([choose(7, 64e9).batchSize, choose(1, 64e9).batchSize]).toEqual([1, 1]);
  });

  test("is 1 where not even that fits", () => {
    expect(choose(600, 1e6)).toMatchObject({ batchSize: 1, limit: "memory" });
  });

  test("says why", () => {
    const numbers = (text: string): string => text.replaceAll(/\d+\.\d GB/g, "… GB");
    expect(
      [choose(600, 64e9), choose(63, 64e9), choose(600, bytesOf(8) / 0.6), choose(600, 1e6)].map(({ message }) =>
        numbers(message),
      ),
    ).toMatchInlineSnapshot(`
      [
        "batches of 16, about … GB of memory: more than 16 are not chosen",
        "batches of 8, about … GB of memory: there are 63 training pictures for 4 batches or more",
        "batches of 8, about … GB of memory: 16 would take … GB, more than 60 % of the … GB that are free",
        "batches of 1, about … GB of memory: more than 60 % of the … GB that are free, but there are no smaller ones",
      ]
    `);
  });

  test("of pictures too small for the model is an error", () => {
    expect(() => autoBatchSize(model, { size: [1, 1], pictures: 10, freeBytes: 1e9 })).toThrow(ConfigError);
  });
});
