import { beforeAll, describe, expect, test } from "vitest";
import { openRuntime } from "../src/runtime/ort.node.ts";
import { LocalEngine } from "../src/train/engine.ts";
import { chromium, inBrowser } from "./support/browser.ts";
import { expectClose } from "./support/close.ts";
import { trainTiny, type Trained } from "./webgpu/training.ts";

const where = chromium ? "in a browser" : "in a browser (skipped: there is no Chromium here)";

describe.skipIf(!chromium)(`two steps of a tiny U-Net on WebGPU ${where}`, () => {
  let actual: Trained;
  let expected: Trained;
  beforeAll(async () => {
    const result = (await inBrowser("page", 280)) as Trained | { readonly error: string };
    if ("error" in result) expect.fail(result.error);
    actual = result;
    expected = await trainTiny(new LocalEngine(await openRuntime({ backend: "cpu", threads: 1 })), 2);
  }, 300_000);

  test("have the losses and gradient norms of the CPU's", () => {
    expectClose("steps", actual.steps.flat(), expected.steps.flat(), 1e-5);
  });

  test("leave the CPU's weights behind", () => {
    expect(Object.keys(actual.state)).toEqual(Object.keys(expected.state));
    // Where a gradient is all but 0, AdamW makes of its rounding a part of a step of 1e-3.
    for (const [name, values] of Object.entries(expected.state))
      expect(Math.max(...values.map((value, i) => Math.abs(value - actual.state[name]![i]!))), name).toBeLessThan(2e-4);
  });

  test("and its validation", () => {
    expect(actual.validation.loss).toBeCloseTo(expected.validation.loss, 4);
    expect(actual.validation.predictions).toEqual(expected.validation.predictions);
  });
});
