import { beforeAll, describe, expect, test } from "vitest";
import { opNames, trialsOf } from "./ops/harness.ts";
import { expectClose } from "./support/close.ts";
import { findGpu, onGpu } from "./support/gpu.ts";
import { golden } from "./ops/golden.ts";
import type { OperatorResult } from "./webgpu/operators.ts";
import type { Trained } from "./webgpu/training.ts";

const minutes = 60_000;
const gpu = await findGpu();
const where = gpu ? "on a GPU" : "(skipped: WebGPU finds no GPU here, nor the SwiftShader of a package chromium)";

describe.skipIf(!gpu)(`programs ${where}`, () => {
  test("load, every operator of them a kernel of the GPU's", { timeout: 5 * minutes }, async () => {
    const failures = (await onGpu("programs", [], gpu!)) as Record<string, string | null>;
    expect(Object.keys(failures)).toContain("resnet34");
    expect(Object.entries(failures).filter(([, failure]) => failure !== null)).toEqual([]);
  });
});

test.skipIf(!gpu?.VK_ICD_FILENAMES)(
  `memory that is not there is known as such, and other programs run on, ${where}`,
  async () => {
    expect(await onGpu("out-of-memory", [], gpu!)).toEqual([true, true, 3]);
  },
);

describe.skipIf(!gpu)(`operators ${where}`, () => {
  let results: OperatorResult[];
  beforeAll(async () => {
    results = (await onGpu("operators", [], gpu!)) as OperatorResult[];
  }, 5 * minutes);

  test.each(opNames)("%s", (type) => {
    const own = results.filter((result) => result.type === type);
    expect(own.map(({ name }) => name)).toEqual(
      trialsOf(type)
        .slice(0, 3)
        .map(({ name }) => name),
    );
    for (const { name, y, gradients } of own) {
      const stored = golden[name]!;
      expectClose(name, y.map(Number), stored.y, tolerance);
      for (const [leaf, values] of Object.entries(gradients))
        expectClose(`${name}, gradient by ${leaf}`, values.map(Number), stored.gradients[leaf]!, tolerance);
    }
  });
});

/** Exponentials of a GPU are coarser than the CPU's. */
const tolerance = 5e-4;

describe.skipIf(!gpu)(`three steps of a tiny U-Net ${where}`, () => {
  let [actual, expected]: [Trained?, Trained?] = [];
  beforeAll(async () => {
    actual = (await onGpu("train", ["webgpu", "3"], gpu!)) as Trained;
    expected = (await onGpu("train", ["cpu", "3"], gpu!)) as Trained;
  }, 5 * minutes);

  test("have the losses and gradient norms of the CPU's", () => {
    expect(actual!.steps).toHaveLength(3);
    expectClose("steps", actual!.steps.flat(), expected!.steps.flat(), 1e-5);
  });

  test("leave the CPU's weights, buffers and moments behind", () => {
    expect(Object.keys(actual!.state)).toEqual(Object.keys(expected!.state));
    expect(Object.keys(actual!.moments).sort()).toEqual(Object.keys(expected!.moments).sort());
    for (const [name, values] of Object.entries(expected!.moments))
      expectClose(`moments of ${name}`, actual!.moments[name]!, values, 1e-3);
    // Where a gradient is all but 0, AdamW makes of its rounding a part of a step of 1e-3.
    for (const [name, values] of Object.entries(expected!.state))
      expect(Math.max(...values.map((value, i) => Math.abs(value - actual!.state[name]![i]!))), name).toBeLessThan(
        2e-4,
      );
  });

  test("and its validation", () => {
    expect(actual!.validation.loss).toBeCloseTo(expected!.validation.loss, 4);
    expect(actual!.validation.predictions).toEqual(expected!.validation.predictions);
  });
});
