/** @file What is computed about memory, held against what processes of their own take. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { crossEntropy } from "../../src/losses/cross-entropy.ts";
import { unet } from "../../src/models/unet/unet.ts";
import { namedParameters } from "../../src/nn/module.ts";
import { executionOrder } from "../../src/onnx/execution-order.ts";
import { decodeModel } from "../../src/onnx/schema.ts";
import { cpuTarget } from "../../src/onnx/target.ts";
import { trainingProgram } from "../../src/train/programs.ts";
import { trainingMemory } from "../../src/train/training-memory.ts";
import { expectClose } from "../support/close.ts";
import { tempFolder } from "../support/dataset.ts";
import { TinyEncoder } from "../support/tiny-encoder.ts";

const run = promisify(execFile);

const support = (file: string): string => fileURLToPath(new URL(`../support/${file}`, import.meta.url));

/** Runs a program of test/support in a process of its own, WebAssembly having so many MB; what it prints. */
async function inProcess<T>(file: string, args: readonly (string | number)[], wasmMegabytes = 4096): Promise<T> {
  const loaders = ["--require", support("little-wasm.cjs"), "--import", import.meta.resolve("tsx")];
  const program = [...loaders, "--conditions=source", support(file), ...args.map(String)];
  const env = { ...process.env, SEGKIT_TEST_WASM_MB: String(wasmMegabytes) };
  const { stdout } = await run(process.execPath, program, { env });
  return JSON.parse(stdout) as T;
}

test("nodes are taken to run in the order in which ONNX Runtime runs them", async () => {
  const model = unet({ encoder: new TinyEncoder(), classes: 3 });
  const trainable = namedParameters(model).map(([name]) => name);
  const shape = { n: 2, height: 32, width: 48 };
  const program = trainingProgram(model, crossEntropy(), shape, { trainable }, cpuTarget);
  const folder = await tempFolder();
  const session = await InferenceSession.create(program.model, {
    ...{ graphOptimizationLevel: "disabled", logSeverityLevel: 4 },
    ...{ enableProfiling: true, profileFilePrefix: join(folder, "profile") },
  });
  const feeds = Object.entries(program.inputs).map(([name, { shape: dims, dtype }]) => {
    const length = dims.reduce((all, n) => all * n, 1);
    const data = dtype === "int32" ? new Int32Array(length) : new Float32Array(length).fill(0.1);
    return [name, new Tensor(dtype as "float32", data as Float32Array, dims)];
  });
  await session.run(Object.fromEntries(feeds) as Record<string, Tensor>);
  session.endProfiling();
  const [file] = await readdir(folder);
  const events = JSON.parse(await readFile(join(folder, file!), "utf8")) as { cat: string; name: string }[];
  const ran = events.flatMap(({ cat, name }) =>
    cat === "Node" && name.endsWith("_kernel_time") ? [name.replace(/_kernel_time$/, "")] : [],
  );
  const order = executionOrder(decodeModel(program.model).graph.node).map(({ name }) => name);
  expect(ran.length).toBeGreaterThan(300);
  expect(ran).toEqual(order);
});

// Weights weigh more in the first, activations in the second; in the third some of these are computed again.
describe.each([
  ["resnet18", 1, 64, 96, 1],
  ["resnet18", 4, 128, 160, 1],
  ["resnet18", 4, 128, 160, 0.7],
] as const)("a step of %s on a batch of %i×%i×%i, with %d of its activations", (encoder, n, height, width, share) => {
  test("takes about as much memory as estimated", async () => {
    const model = unet({ encoder, classes: 12 });
    const { training, state } = trainingMemory(model, crossEntropy(), { n, height, width }, cpuTarget);
    const limit = Math.round(share * training);
    const found = await inProcess<{ beforeBytes: number; peakBytes: number }>("step-memory.ts", [
      ...[encoder, n, height, width, limit],
    ]);
    const ratio = (limit + state) / (found.peakBytes - found.beforeBytes);
    expect(ratio).toBeGreaterThan(0.8);
    expect(ratio).toBeLessThan(1.25);
  });
});

interface Fit {
  readonly splits: readonly (readonly [task: string, pictures: number])[];
  readonly end: string;
  readonly weights: readonly number[];
}

// Natively, V8 may end the process before ONNX Runtime says that memory ran out: WebAssembly has memory of its own.
test("a process short of memory trains in parts, and ends with the weights of one that is not", async () => {
  const batch = [16, 192, 192];
  const [plain, scarce] = [
    await inProcess<Fit>("scarce-process.ts", batch, 4096),
    await inProcess<Fit>("scarce-process.ts", batch, 64),
  ];
  expect(plain).toMatchObject({ splits: [], end: "done" });
  expect(scarce.end).toBe("done");
  expect(scarce.splits[0]).toEqual(["training", 8]);
  expect(scarce.splits.map(([task]) => task)).toContain("validation");
  expectClose("weights", scarce.weights, plain.weights, 1e-5);
});

test("a process that has no memory for a single picture says so", async () => {
  const { splits, end } = await inProcess<Fit>("scarce-process.ts", [1, 1024, 1024], 48);
  expect(splits).toEqual([]);
  expect(end).toMatch(/^out of memory: /);
});
