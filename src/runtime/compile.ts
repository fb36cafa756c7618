import { lower, type ProgramGraph } from "../onnx/lower.ts";
import type { Program, Runtime } from "./runtime.ts";

/** Lowers a graph for a runtime and loads it. */
export async function compile(runtime: Runtime, graph: ProgramGraph): Promise<Program> {
  return runtime.load(lower(graph, runtime.target));
}
