import { beforeAll, describe, expect, test } from "vitest";
import { openRuntime } from "../src/runtime/ort.node.ts";
import { LocalEngine } from "../src/train/engine.ts";
import { loadPredictor } from "../src/inference/index.node.ts";
import { chromium, inBrowser } from "./support/browser.ts";
import { expectClose } from "./support/close.ts";
import type { Resumed } from "./webgpu/resume-page.ts";
import { type Learned, learnStreets, streets } from "./webgpu/learning.ts";

const where = chromium ? "in a browser" : "in a browser (skipped: there is no Chromium here)";

describe.skipIf(!chromium)(`an epoch of segkit/web's Learner ${where}`, () => {
  let found: Readonly<Record<string, Learned | { readonly error: string }>>;
  let expected: Learned;
  beforeAll(async () => {
    found = (await inBrowser("learner-page", 280)) as typeof found;
    expected = await learnStreets(new LocalEngine(await openRuntime({ backend: "cpu", threads: 1 })));
  }, 300_000);

  test.each(["webgpu", "wasm"])("on %s, the file that it exports gives the same masks in Node", async (backend) => {
    const actual = found[backend]!;
    if ("error" in actual) expect.fail(actual.error);
    const predictor = await loadPredictor(Buffer.from(actual.exported, "base64"), { threads: 1 });
    const masks = await predictor.predictBatch(streets.slice(4).map(({ image }) => image));
    const ids = masks.flatMap(({ data }) => [...data]);
    expect(ids).toHaveLength(2 * 16 * 24);
    expect(ids).toEqual(actual.predictions);
    await predictor.release();
  });

  test.each(["webgpu", "wasm"])("on %s is that of Node's CPU", (backend) => {
    const actual = found[backend]!;
    if ("error" in actual) expect.fail(actual.error);
    expectClose("losses", [...actual.losses, actual.validation], [...expected.losses, expected.validation], 1e-3);
    expect(actual.losses).toHaveLength(2);
    expect(actual.saved).toBe(expected.saved);
  });
});

describe.skipIf(!chromium)(`a training that is stopped ${where}`, () => {
  let found: Resumed;
  beforeAll(async () => {
    const answer = (await inBrowser("resume-page", 280)) as Resumed | { readonly error: string };
    if ("error" in answer) throw new Error(answer.error);
    found = answer;
  }, 300_000);

  test("ends between two batches, as soon as the message is there", () => {
    expect(found.reason).toBe("stopped");
    expect(found.steps).toBeGreaterThanOrEqual(3);
    expect(found.steps).toBeLessThan(5);
  });

  test("goes on from its checkpoint to the very weights of one without a break", () => {
    expect(found.whole.length).toBeGreaterThan(1000);
    expect(found.continued).toEqual(found.whole);
    expect(found.removed).toBe(true);
  });
});
