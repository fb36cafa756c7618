import { beforeEach, expect, test } from "vitest";
import { initialState, type StateDict } from "../nn/state.ts";
import { openRuntime } from "../runtime/ort.node.ts";
import { DataError } from "../util/errors.ts";
import { Random } from "../util/random.ts";
import { type ModelCard, modelOf } from "./card.ts";
import { predictionStream } from "./prediction-stream.ts";
import { openPredictor } from "./predictor-thread.node.ts";
import { Predictor } from "./predictor.ts";

const card: ModelCard = {
  format: 1,
  architecture: {
    ...{ encoder: "mobilenetV3Large", channels: 3, blur: false, blurFinal: true, selfAttention: false, yRange: null },
    ...{ lastCross: true, bottle: true, normType: null },
  },
  ...{ classes: ["a", "b"], voidIndex: null, palette: [0, 1].map((i): [number, number, number] => [i, i, i]) },
  size: [32, 32],
  stats: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
};
const picture = (seed: number) => {
  const random = new Random(seed);
  return { height: 24, width: 32, data: Uint8Array.from({ length: 24 * 32 * 3 }, () => random.integer(256)) };
};
let state: StateDict;

beforeEach(() => {
  state = initialState(modelOf(card), new Random(1));
});

test("predicts as a predictor in this thread does, in order, and one bad picture loses no other", async () => {
  const here = new Predictor(await openRuntime({ backend: "cpu", threads: 1 }), card, state);
  const seeds = [1, 2, 3, 4, 5];
  const masks = new Map<number, Uint8Array>();
  for (const seed of seeds) masks.set(seed, (await here.predict(picture(seed))).data);
  await here.release();
  const predictor = await openPredictor(card, state, { backend: "cpu", threads: 1 });
  expect([...state.values()].every(({ data }) => data.length === 0)).toBe(true);
  const read = async (seed: number) => {
    if (seed === 3) throw new DataError("not a picture");
    return picture(seed);
  };
  const seen: unknown[] = [];
  for await (const outcome of predictionStream(predictor, seeds, { read })) {
    if (outcome.ok) expect(outcome.result.mask.data).toEqual(masks.get(outcome.item));
    seen.push(outcome.ok ? outcome.item : String(outcome.error));
  }
  expect(seen).toEqual([1, 2, "DataError: not a picture", 4, 5]);
  await predictor.release();
  await expect(predictor.predict(picture(1))).rejects.toThrow("predictor: it was released");
});

test("a stream ends where its signal says so", async () => {
  const predictor = await openPredictor(card, state, { backend: "cpu", threads: 1 });
  const controller = new AbortController();
  const stream = predictionStream(predictor, [1, 2, 3], { read: async (i) => picture(i), signal: controller.signal });
  expect((await stream.next()).value).toMatchObject({ ok: true, item: 1 });
  controller.abort(new Error("enough"));
  await expect(stream.next()).rejects.toThrow("enough");
  await predictor.release();
});

test("refuses weights of another network", async () => {
  await expect(openPredictor(card, new Map([...state].slice(1)))).rejects.toMatchObject({
    name: "ConfigError",
    message: expect.stringContaining("the weights do not fit the model: 1 missing") as string,
  });
});
