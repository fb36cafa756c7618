import { beforeAll, expect, test } from "vitest";
import { type ModelCard, modelOf } from "../src/inference/card.ts";
import { Predictor } from "../src/inference/predictor.ts";
import { initialState, type StateDict } from "../src/nn/state.ts";
import { openRuntime } from "../src/runtime/ort.node.ts";
import type { Runtime } from "../src/runtime/runtime.ts";
import { Random } from "../src/util/random.ts";
import { scene } from "./support/dataset.ts";

const card: ModelCard = {
  format: 1,
  architecture: {
    ...{ encoder: "resnet18", blur: false, blurFinal: true, selfAttention: false, yRange: null },
    ...{ lastCross: true, bottle: true, normType: null },
  },
  ...{ classes: ["a", "b", "c"], voidIndex: null, palette: [0, 1, 2].map((i): [number, number, number] => [i, i, i]) },
  size: [32, 40],
  stats: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
};

let runtime: Runtime;
let state: StateDict;

beforeAll(async () => {
  runtime = await openRuntime();
  state = initialState(modelOf(card), new Random(1));
});

test("gives every pixel of a picture a class, whatever its size, and the same one each time", async () => {
  const predictor = new Predictor(runtime, card, state);
  const sizes = [24, 25, 26, 27, 28].map((height) => [height, 33] as const);
  // Five sizes, of which four programs are kept: the second round loads each of them again.
  const first = [];
  for (const [height, width] of sizes)
    first.push(await predictor.predict(scene(height, width, 3, new Random(2)).image));
  for (const [i, [height, width]] of sizes.entries()) {
    expect(first[i]).toMatchObject({ height, width });
    expect(first[i]?.data).toHaveLength(height * width);
    expect(Math.max(...(first[i]?.data ?? [NaN]))).toBeLessThan(3);
    expect(await predictor.predict(scene(height, width, 3, new Random(2)).image)).toEqual(first[i]);
  }
  await predictor.release();
});

test("refuses weights of another network", () => {
  const [name = ""] = state.keys();
  const less = new Map([...state].filter(([key]) => key !== name));
  expect(() => new Predictor(runtime, card, less)).toThrow(/the weights do not fit the model: 1 missing/);
});
