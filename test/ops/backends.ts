import { cpuTarget, type LoweringOptimizations, portableTarget, wasmTarget, without } from "../../src/onnx/target.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";

/** The fewest operators, every one lowered the plainest way. */
const plainTarget = without(
  portableTarget,
  Object.keys(portableTarget.optimizations) as (keyof LoweringOptimizations)[],
);

/** Where the suite runs: a runtime, and the target that graphs are lowered to for it. */
export const backends = {
  cpu: { open: () => openRuntime({ backend: "cpu", threads: 1 }), target: cpuTarget },
  "cpu, portable operators": { open: () => openRuntime({ backend: "cpu", threads: 1 }), target: plainTarget },
  wasm: { open: () => openRuntime({ backend: "wasm", threads: 1 }), target: wasmTarget },
};
