import { cpuTarget, portableTarget, wasmTarget } from "../../src/onnx/target.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";

/** Where the suite runs: a runtime, and the target that graphs are lowered to for it. */
export const backends = {
  cpu: { open: () => openRuntime({ backend: "cpu", threads: 1 }), target: cpuTarget },
  "cpu, portable operators": { open: () => openRuntime({ backend: "cpu", threads: 1 }), target: portableTarget },
  wasm: { open: () => openRuntime({ backend: "wasm", threads: 1 }), target: wasmTarget },
};
