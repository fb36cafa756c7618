// Prints true where WebGPU finds a GPU, or something that plays one.
import { openRuntime } from "../../src/runtime/ort.node.ts";

const found = await openRuntime({ backend: "webgpu" }).then(
  () => true,
  () => false,
);
process.stdout.write(JSON.stringify(found));
