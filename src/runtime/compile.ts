import { lower, type ProgramGraph } from "../onnx/lower.ts";
import type { Program, Runtime } from "./runtime.ts";

/**
 * Lowers a graph to ONNX for a runtime and loads it. Throws a ConfigError where an output depends on an input that is
 * not named, or a name stands for both.
 * @example
 * const program = await compile(runtime, { inputs: { x }, outputs: { y: relu(x) } });
 * const { y } = await program.run({ x: Float32Array.of(-1, 0, 1) });
 */
export async function compile(runtime: Runtime, graph: ProgramGraph): Promise<Program> {
  return runtime.load(lower(graph, runtime.target));
}
