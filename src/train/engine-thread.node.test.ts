import { expect, test } from "vitest";
import { gradients } from "../graph/grad.ts";
import { mul } from "../graph/ops/elementwise.ts";
import { matmul } from "../graph/ops/matmul.ts";
import { sum } from "../graph/ops/reduce.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import { lower } from "../onnx/lower.ts";
import { openEngine } from "./engine-thread.node.ts";

test("a closed engine says so", async () => {
  const engine = await openEngine({ threads: 1 });
  await engine.close();
  await expect(engine.state()).rejects.toThrow("engine: it was closed");
});

test("an array that was moved already is an error, not a wait without end", async () => {
  const engine = await openEngine({ backend: "cpu", threads: 1 });
  const x = input("x", [2]);
  await engine.define("square", lower({ inputs: { x }, outputs: { y: mul(x, x) } }, engine.target));
  const feeds = { x: Float32Array.of(2, 3) };
  expect((await engine.infer("square", feeds))["y"]).toEqual(Float32Array.of(4, 9));
  await expect(engine.infer("square", feeds)).rejects.toThrow(
    "engine: expected values for input x, but its array is empty",
  );
  await engine.close();
});

test("errors keep their class, message and hint across the thread", async () => {
  const engine = await openEngine({ threads: 1 });
  await expect(engine.infer("nothing", {})).rejects.toMatchObject({ name: "ConfigError", exitCode: 2 });
  await engine.close();
});

test("the calling thread goes on while a program runs", async () => {
  const engine = await openEngine({ threads: 1 });
  const size = 512;
  const x = input("x", [size, size]);
  let y: Tensor = x;
  for (let i = 0; i < 40; i++) y = matmul(y, x);
  await engine.define("power", lower({ inputs: { x }, outputs: { y } }, engine.target));
  let [turns, done] = [0, false];
  const turn = (): void => {
    turns++;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  await engine.infer("power", { x: new Float32Array(size * size) });
  done = true;
  // A run in the calling thread leaves it one turn at most.
  expect(turns).toBeGreaterThan(100);
  await engine.close();
});

test.each(["wasm", "cpu"] as const)(
  "to recover on %s keeps weights, averages and the optimizer's state",
  async (backend) => {
    const engine = await openEngine({ backend, threads: 1 });
    const [w, x] = [input("w", [3]), input("x", [3])];
    const cost = sum(mul(w, x));
    const outputs = { loss: cost, "gradient:w": gradients(cost, [w])[0]! };
    const program = lower({ inputs: { w, x }, outputs }, engine.target);
    const settings = { mom: 0.9, hypers: { w: { lr: 0.1, wd: 0 } }, average: 0.5 };
    const step = async (): Promise<void> => {
      await engine.define("train", program);
      await engine.step("train", { x: Float32Array.of(1, 2, 3) }, settings);
      await engine.release("train");
    };
    await engine.setState(new Map([["w", { shape: [3], dtype: "F32", data: Float32Array.of(1, 2, 3) }]]));
    for (let i = 0; i < 2; i++) await step();
    await engine.useAverages(true);
    const before = [await engine.state(), await engine.state("inferred"), await engine.optimizerState()];
    await engine.recover?.();
    expect([await engine.state(), await engine.state("inferred"), await engine.optimizerState()]).toEqual(before);
    expect(before[0]).not.toEqual(before[1]);
    await step();
    expect((await engine.optimizerState()).step).toBe(3);
    await engine.close();
  },
);
