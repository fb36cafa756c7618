// Asks the GPU for one buffer of 1 GiB, which SwiftShader does not have, and for one of 2 GiB, over the device's limit; prints
// whether each error is known as one of memory, and what a small program gives afterwards.
import { conv2d } from "../../src/graph/ops/conv.ts";
import { mean } from "../../src/graph/ops/reduce.ts";
import { input } from "../../src/graph/tensor.ts";
import { lower } from "../../src/onnx/lower.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";
import { isOutOfMemory } from "../../src/util/out-of-memory.ts";

const runtime = await openRuntime({ backend: "webgpu" });

/** The mean of n pictures of ones, each convolved to 32 channels of 4 MiB. */
async function run(n: number, side: number): Promise<number> {
  const [x, w] = [input("x", [n, 1, side, side]), input("w", [32, 1, 1, 1])];
  const y = mean(conv2d(x, w), [0, 1, 2, 3]);
  const program = await runtime.load(lower({ inputs: { x, w }, outputs: { y } }, runtime.target));
  try {
    const results = await program.run({ x: new Float32Array(x.size).fill(1), w: new Float32Array(w.size).fill(3) });
    return Number(results.y![0]);
  } finally {
    await program.release();
  }
}

const known = (n: number): Promise<boolean> => run(n, 1024).then(() => false, isOutOfMemory);
process.stdout.write(JSON.stringify([await known(8), await known(16), await run(1, 8)]));
