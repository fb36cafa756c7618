import { describe, expect, test } from "vitest";
import golden from "../../test/golden/icnr_pixelshuffle.json" with { type: "json" };
import { expectClose } from "../../test/support/close.ts";
import { fill, uniform } from "../../test/support/leaf.ts";
import { runGraph } from "../../test/support/run-graph.ts";
import type { TensorData } from "../graph/dtype.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { Random } from "../util/random.ts";
import { evaluation, namedLeaves } from "./module.ts";
import { PixelShuffleIcnr } from "./pixel-shuffle.ts";
import { initialState } from "./state.ts";

const flat = (nested: unknown): Float32Array => Float32Array.from([nested].flat(Infinity) as number[]);

test.each([
  { blur: false, expected: golden.forward.y_no_blur },
  { blur: true, expected: golden.forward.y_blur },
])("fastai's values, blur $blur", async ({ blur, expected }) => {
  const layer = new PixelShuffleIcnr(3, 2, { blur });
  const x = input("x", [1, 3, 2, 3]);
  const [weight, bias] = namedLeaves(layer).map(([, { tensor }]) => tensor);
  const feeds = new Map([
    [x, flat(golden.forward.x)],
    [weight!, flat(golden.forward.conv_weight)],
    [bias!, flat(golden.forward.conv_bias)],
  ]);
  const { y } = await runGraph({ y: layer.forward(x, evaluation) }, feeds);
  expectClose("y", y as Float32Array, flat(expected), 1e-6);
});

describe("before training it repeats each pixel four times", () => {
  test.each([null, "weight", "spectral", "batch"] as const)("normType %s", async (normType) => {
    const layer = new PixelShuffleIcnr(6, 5, { normType });
    const state = initialState(layer, new Random(2));
    const x = input("x", [1, 6, 3, 4]);
    const feeds = new Map<Tensor, TensorData>([[x, fill(uniform(x.shape), "icnr")]]);
    for (const [name, { tensor }] of namedLeaves(layer)) feeds.set(tensor, state.get(name)!.data);
    const { y } = await runGraph({ y: layer.forward(x, evaluation) }, feeds);
    const pixel = (c: number, i: number, j: number): number => Number(y![(c * 6 + i) * 8 + j]);
    expect(new Set(y as Float32Array).size).toBeGreaterThan(12);
    for (let c = 0; c < 5; c++)
      for (let i = 0; i < 6; i++)
        for (let j = 0; j < 8; j++) expect(pixel(c, i, j)).toBeCloseTo(pixel(c, i - (i % 2), j - (j % 2)), 6);
  });
});
