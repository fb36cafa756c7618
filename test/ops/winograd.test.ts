import { describe, expect, test } from "vitest";
import { conv2d } from "../../src/graph/ops/conv.ts";
import { lower } from "../../src/onnx/lower.ts";
import { without } from "../../src/onnx/target.ts";
import { tilingOf } from "../../src/onnx/lowering/winograd-tiles.ts";
import { decodeModel } from "../../src/onnx/schema.ts";
import { uniform } from "../support/leaf.ts";
import { backends } from "./backends.ts";
import { Bench, graphOf, type Trial } from "./harness.ts";

/** A convolution of 3×3 large enough for tiles: pictures [n, c, h, w] and weights [k, c, 3, 3]. */
const trial = (n: number, c: number, h: number, w: number, k: number): Trial => ({
  name: `${n}×${c}×${h}×${w} to ${k}`,
  leaves: { x: uniform([n, c, h, w]), weight: uniform([k, c, 3, 3], -0.1, 0.1), bias: uniform([k]) },
  wrt: ["x", "weight", "bias"],
  build: ({ x, weight, bias }) => conv2d(x!, weight!, bias, { padding: 1 }),
});

const trials = [
  trial(3, 32, 45, 60, 33), // rows of tiles that reach beyond the picture, several blocks
  trial(1, 35, 30, 130, 40), // rows and columns that do, one row of tiles at a time
  trial(5, 40, 12, 16, 32), // several pictures in a block
];

describe("tiles", () => {
  test.each([
    [4, 192, 256],
    [3, 45, 60],
    [5, 12, 16],
    [7, 4, 4],
    [1, 47, 2000],
  ] as const)("of %i pictures of %i×%i fill their blocks", (...grid) => {
    const { down, across, rows, pictures, tiles, blocks } = tilingOf(grid);
    expect(blocks * tiles).toBe(grid[0] * down * across);
    expect(pictures === 1 ? down % rows : grid[0] % pictures).toBe(0);
    expect(down).toBe(Math.ceil(grid[1] / 4));
    expect(tiles).toBe(pictures * rows * across);
  });
});

describe.each(["cpu", "wasm"] as const)("convolution tile by tile, on %s", (on) => {
  const { open, target } = backends[on];
  const graph = graphOf(trials);
  const scans = (program: Uint8Array): number =>
    decodeModel(program).graph.node.filter(({ opType }) => opType === "Scan").length;

  test("gives what the plain formulas give, and so do its gradients", async () => {
    expect(scans(lower(graph, target).model)).toBe(3 * trials.length);
    expect(scans(lower(graph, without(target, ["winograd"])).model)).toBe(0);
    const runtime = await open();
    const tiled = await Bench.load(runtime, { target }, trials);
    const plain = await Bench.load(runtime, { target: without(target, ["winograd"]) }, trials);
    const [results, expected] = [await tiled.run(), await plain.run()];
    for (const [i, { y, gradients }] of results.entries()) {
      expect(furthest(y, expected[i]!.y)).toBeLessThan(2e-5);
      for (const [name, gradient] of Object.entries(gradients))
        expect(furthest(gradient, expected[i]!.gradients[name]!)).toBeLessThan(2e-5);
    }
    await tiled.release();
    await plain.release();
  });
});

/** The largest distance, as a share of the largest value. */
function furthest(actual: ArrayLike<number | bigint>, expected: ArrayLike<number | bigint>): number {
  expect(actual).toHaveLength(expected.length);
  let [distance, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    distance = Math.max(distance, Math.abs(Number(actual[i]) - Number(expected[i])));
    largest = Math.max(largest, Math.abs(Number(expected[i])));
  }
  return distance / largest;
}
