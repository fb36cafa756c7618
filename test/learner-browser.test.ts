import { beforeAll, describe, expect, test } from "vitest";
import { openRuntime } from "../src/runtime/ort.node.ts";
import { LocalEngine } from "../src/train/engine.ts";
import { chromium, inBrowser } from "./support/browser.ts";
import { expectClose } from "./support/close.ts";
import { type Learned, learnStreets } from "./webgpu/learning.ts";

const where = chromium ? "in a browser" : "in a browser (skipped: there is no Chromium here)";

describe.skipIf(!chromium)(`an epoch of segkit/web's Learner ${where}`, () => {
  let found: Readonly<Record<string, Learned | { readonly error: string }>>;
  let expected: Learned;
  beforeAll(async () => {
    found = (await inBrowser("learner-page", 280)) as typeof found;
    expected = await learnStreets(new LocalEngine(await openRuntime({ backend: "cpu", threads: 1 })));
  }, 300_000);

  test.each(["webgpu", "wasm"])("on %s is that of Node's CPU", (backend) => {
    const actual = found[backend]!;
    if ("error" in actual) expect.fail(actual.error);
    expectClose("losses", [...actual.losses, actual.validation], [...expected.losses, expected.validation], 1e-3);
    expect(actual.losses).toHaveLength(2);
    expect(actual.saved).toBe(expected.saved);
  });
});
