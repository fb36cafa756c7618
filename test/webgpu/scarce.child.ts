// Runs a program whose buffers are larger than any GPU makes them here, then a small one, and prints what became of both.
import { exp } from "../../src/graph/ops/elementwise.ts";
import { expand } from "../../src/graph/ops/movement.ts";
import { mean } from "../../src/graph/ops/reduce.ts";
import { input } from "../../src/graph/tensor.ts";
import { compile } from "../../src/runtime/compile.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";
import { messageOf } from "../../src/util/errors.ts";
import { isOutOfMemory } from "../../src/util/out-of-memory.ts";

const width = 1024;
const runtime = await openRuntime({ backend: "webgpu" });

async function meanOf(rows: number): Promise<number> {
  const x = input("x", [1, width]);
  const program = await compile(runtime, { inputs: { x }, outputs: { y: mean(exp(expand(x, [rows, width]))) } });
  try {
    return Number((await program.run({ x: new Float32Array(width) })).y![0]);
  } finally {
    await program.release();
  }
}

const gigabyte = 2 ** 30 / (4 * width);
const [message, scarce] = await meanOf(8 * gigabyte).then(
  () => ["none", false],
  (error: unknown) => [messageOf(error), isOutOfMemory(error)],
);
process.stdout.write(JSON.stringify({ message, scarce, after: await meanOf(8) }));
