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
    ...{ encoder: "mobilenetV3Large", channels: 3, blur: false, blurFinal: true, selfAttention: false, yRange: null },
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

test("gives the network's size and probabilities where asked for; the best class is the most probable one", async () => {
  const predictor = new Predictor(runtime, card, state);
  const { image } = scene(24, 33, 3, new Random(2));
  const { probabilities, ...mask } = await predictor.predict(image, { size: "transformed", withProbabilities: true });
  expect(mask).toMatchObject({ height: 32, width: 40 });
  const pixels = 32 * 40;
  expect(probabilities).toHaveLength(3 * pixels);
  for (const p of [0, 777, pixels - 1]) {
    const shares = [0, 1, 2].map((c) => probabilities![c * pixels + p]!);
    expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(shares.indexOf(Math.max(...shares))).toBe(mask.data[p]);
  }
  await predictor.release();
});

test("with test-time augmentation, a mirrored picture has the mirrored mask", async () => {
  const predictor = new Predictor(runtime, card, state, { tta: { scales: [1], beta: 0.5 } });
  const { image } = scene(32, 40, 3, new Random(2));
  const mirrored = <T extends { data: Uint8Array; width: number }>(picture: T, channels: number): T => {
    const data = picture.data.map((_, i) => {
      const [pixel, c] = [Math.floor(i / channels), i % channels];
      const [y, x] = [Math.floor(pixel / picture.width), pixel % picture.width];
      return picture.data[channels * (y * picture.width + picture.width - 1 - x) + c]!;
    });
    return { ...picture, data };
  };
  const same = mirrored(await predictor.predict(mirrored(image, 3)), 1);
  const mask = await predictor.predict(image);
  const differing = mask.data.filter((id, i) => id !== same.data[i]).length;
  // Rounding may decide where two classes are equally probable.
  expect(differing).toBeLessThan(0.01 * mask.data.length);
  const plain = new Predictor(runtime, card, state);
  const alone = mirrored(await plain.predict(mirrored(image, 3)), 1);
  const usual = await plain.predict(image);
  expect(usual.data.filter((id, i) => id !== alone.data[i]).length).toBeGreaterThan(0.01 * usual.data.length);
  await Promise.all([predictor.release(), plain.release()]);
});
