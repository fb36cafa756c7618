import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { matchWeights } from "../../src/models/match-weights.ts";
import { unet } from "../../src/models/unet/unet.ts";
import { readPth } from "../../src/nn/pth/read-pth.node.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";
import golden from "../golden/pth/fastai1.json" with { type: "json" };
import { expectClose } from "../support/close.ts";
import { goldenBatch } from "../support/hash-fill.ts";
import { evaluate } from "../support/model-programs.ts";
import { TinyEncoder } from "../support/tiny-encoder.ts";

const runtime = openRuntime({ backend: "cpu", threads: 2 });

// The odd one has a layer more, and all names behind it are shifted by one (fastai-spec 4.5, 7 row 12).
test.each(["fastai1", "fastai1-odd"] as const)("%s.pth, saved by learn.save, gives fastai's logits", async (name) => {
  const study = golden[name];
  const file = fileURLToPath(new URL(`../golden/pth/${name}.pth`, import.meta.url));
  const model = unet({
    encoder: new TinyEncoder(golden.channels as [number, number, number]),
    classes: golden.classes,
  });
  const { state, report } = matchWeights(model, await readPth(file));
  expect(report).toMatchObject({ part: "model", missing: [], unexpected: [], mismatched: [] });

  const [height, width] = study.size as [number, number];
  const size = [1, height, width] as const;
  const { logits } = await evaluate(await runtime, model, state, size, goldenBatch(size, golden.classes));
  expectClose(
    "logits",
    logits.filter((_, i) => i % 7 === 0),
    study.logits,
    1e-4,
  );
});

test("weights of an odd-sized build serve every other size", async () => {
  const file = fileURLToPath(new URL("../golden/pth/fastai1-odd.pth", import.meta.url));
  const model = unet({
    encoder: new TinyEncoder(golden.channels as [number, number, number]),
    classes: golden.classes,
  });
  const { state } = matchWeights(model, await readPth(file));
  const size = [1, 20, 33] as const;
  const { logits } = await evaluate(await runtime, model, state, size, goldenBatch(size, golden.classes));
  expect(logits.every(Number.isFinite)).toBe(true);
});
