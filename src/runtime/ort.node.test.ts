import { afterEach, describe, expect, test, vi } from "vitest";
import { mul } from "../graph/ops/elementwise.ts";
import { matmul } from "../graph/ops/matmul.ts";
import { sum } from "../graph/ops/reduce.ts";
import { input } from "../graph/tensor.ts";
import { compile } from "./compile.ts";
import { openRuntime } from "./ort.node.ts";

const x = input("x", [2, 3]);
const ids = input("ids", [2], "int32");
const graph = { inputs: { x, ids }, outputs: { y: mul(x, 2), total: sum(x), same: mul(ids, 1) } };
const feeds = { x: Float32Array.of(1, 2, 3, 4, 5, 6), ids: Int32Array.of(7, 8) };

afterEach(() => {
  vi.doUnmock("onnxruntime-node");
  vi.doUnmock("onnxruntime-web");
});

const breakModule = (name: string): void => {
  vi.doMock(name, () => {
    throw new Error("no binary for this platform");
  });
};

describe("openRuntime", () => {
  test("runs natively by default, on every core", async () => {
    const runtime = await openRuntime({ onFallback: () => expect.fail("fell back") });
    expect(runtime.name).toBe("cpu");
    expect(runtime.threads).toBeGreaterThanOrEqual(1);
  });

  test("falls back to WebAssembly and says so where the native binding does not load", async () => {
    breakModule("onnxruntime-node");
    const reasons: string[] = [];
    const runtime = await openRuntime({ threads: 1, onFallback: (reason) => reasons.push(reason) });
    expect(runtime.name).toBe("wasm");
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(
      /^the native engine does not load here \(.*\); running on WebAssembly, about 3× slower\./s,
    );
    const program = await compile(runtime, graph);
    expect((await program.run(feeds))["total"]).toEqual(Float32Array.of(21));
    await program.release();
  });

  test("refuses to fall back from a backend that was asked for", async () => {
    breakModule("onnxruntime-node");
    await expect(openRuntime({ backend: "cpu" })).rejects.toMatchObject({
      name: "ConfigError",
      message: expect.stringMatching(/^runtime: the cpu backend does not load: /) as string,
      hint: expect.stringContaining("wasm") as string,
    });
  });

  test.each(["auto", "cpu"] as const)("does not take a lack of memory for a missing binary: %s", async (backend) => {
    const create = async (): Promise<never> => {
      throw new Error("env.cc:251 pthread_create failed, error code: 12 error msg: Cannot allocate memory");
    };
    vi.doMock("onnxruntime-node", () => ({ InferenceSession: { create }, Tensor: Object }));
    await expect(openRuntime({ backend, onFallback: () => expect.fail("fell back") })).rejects.toMatchObject({
      ...{ name: "ResourceError", exitCode: 4 },
      message: expect.stringMatching(/^out of memory: /) as string,
    });
  });

  test("fails in one sentence where nothing loads", async () => {
    breakModule("onnxruntime-node");
    breakModule("onnxruntime-web");
    await expect(openRuntime()).rejects.toMatchObject({
      name: "ConfigError",
      message: expect.stringMatching(/^runtime: the auto backend does not load: /) as string,
    });
  });
});

describe.each(["cpu", "wasm"] as const)("a program on %s", (backend) => {
  const load = async () => compile(await openRuntime({ backend, threads: 1 }), graph);

  test("returns every output in its dtype, and new arrays each time", async () => {
    const program = await load();
    const first = await program.run(feeds);
    const second = await program.run({ ...feeds, x: new Float32Array(6) });
    expect(first).toEqual({
      y: Float32Array.of(2, 4, 6, 8, 10, 12),
      total: Float32Array.of(21),
      same: Int32Array.of(7, 8),
    });
    expect(second["y"]).toEqual(new Float32Array(6));
    await program.release();
  });

  test("may take arrays that are no longer needed for its results, and leaves them be else", async () => {
    const program = await load();
    const { y } = await program.run(feeds);
    const kept = await program.run({ ...feeds, x: new Float32Array(6).fill(5) });
    const again = await program.run({ ...feeds, x: new Float32Array(6).fill(2) }, { y: y! });
    expect(again).toMatchObject({ y: new Float32Array(6).fill(4), total: Float32Array.of(12) });
    expect(again["y"] === y).toBe(backend === "cpu");
    expect(kept).toMatchObject({ y: new Float32Array(6).fill(10), total: Float32Array.of(30) });
    await program.release();
  });

  test("reads a part of a larger array", async () => {
    const program = await load();
    const all = Float32Array.of(9, 9, 1, 2, 3, 4, 5, 6, 9);
    expect((await program.run({ ...feeds, x: all.subarray(2, 8) }))["total"]).toEqual(Float32Array.of(21));
    await program.release();
  });

  test("refuses missing values, too few values and values of another dtype", async () => {
    const program = await load();
    const failure = async (values: Parameters<typeof program.run>[0]): Promise<unknown> =>
      program.run(values).catch((error: unknown) => String(error));
    expect([
      await failure({ ids: feeds.ids }),
      await failure({ ...feeds, x: new Float32Array(5) }),
      await failure({ ...feeds, x: Int32Array.of(1, 2, 3, 4, 5, 6) }),
      await failure({ ...feeds, ids: BigInt64Array.of(1n, 2n) }),
    ]).toMatchInlineSnapshot(`
      [
        "ShapeError: run: expected 6 values for input x [2, 3], but received none",
        "ShapeError: run: expected 6 values for input x [2, 3], but received 5",
        "ShapeError: run: expected an array that holds float32 for input x, but received Int32Array",
        "ShapeError: run: expected an array that holds int32 for input ids, but received BigInt64Array",
      ]
    `);
    await program.release();
  });
});

test("results are copied where that is asked for, and are the same", async () => {
  const program = await compile(await openRuntime({ backend: "cpu", threads: 1, uncopied: false }), graph);
  const { y } = await program.run(feeds);
  const again = await program.run(feeds, { y: y! });
  expect(again["y"]).toEqual(y);
  expect(again["y"]).not.toBe(y);
  await program.release();
});

test("WebAssembly and native give the same numbers", async () => {
  const [a, b] = [input("a", [17, 31]), input("b", [31, 9])];
  const product = { inputs: { a, b }, outputs: { y: matmul(a, b) } };
  const values = {
    a: Float32Array.from({ length: 17 * 31 }, (_, i) => Math.sin(i)),
    b: Float32Array.from({ length: 31 * 9 }, (_, i) => Math.cos(i)),
  };
  const [native, wasm] = await Promise.all(
    (["cpu", "wasm"] as const).map(async (backend) => {
      const program = await compile(await openRuntime({ backend, threads: 1 }), product);
      const { y } = await program.run(values);
      await program.release();
      return y as Float32Array;
    }),
  );
  expect(Math.max(...native!.map((v, i) => Math.abs(v - wasm![i]!)))).toBeLessThan(1e-5);
});

test("between two runs of WebAssembly, the thread's other events have their turn", async () => {
  const program = await compile(await openRuntime({ backend: "wasm", threads: 1 }), graph);
  let told = false;
  setTimeout(() => (told = true));
  for (let i = 0; i < 1000 && !told; i++) await program.run(feeds);
  await program.release();
  expect(told).toBe(true);
});
