import type { TensorData } from "../graph/dtype.ts";
import type { LoweredProgram } from "../onnx/lower.ts";
import type { LoweringTarget } from "../onnx/target.ts";

/** Values by the names of a program's inputs or outputs, row-major. */
export type Values = Readonly<Record<string, TensorData>>;

/** Runs programs on one kind of device. */
export interface Runtime {
  /** "cpu" for the native kernels, "wasm" for WebAssembly. */
  readonly name: string;
  /** The target that programs for this runtime are lowered to. */
  readonly target: LoweringTarget;
  /** Threads that one operator may use. */
  readonly threads: number;
  /** Whether programs with constant weights (`ProgramGraph.weightLayout`) run on it; not where left out. */
  readonly takesConstants?: boolean;
  load(program: LoweredProgram): Promise<Program>;
}

/** A loaded program. It holds memory until it is released. */
export interface Program {
  /**
   * Runs once. Throws a ShapeError when an input is missing or has the wrong length. Blocks its thread in Node while
   * the kernels run; the arrays fed must not change meanwhile, and those returned are new or of `spare`.
   * @param spare arrays by the names of outputs, of their types and lengths, that are no longer needed: results may take
   * their place.
   */
  run(feeds: Values, spare?: Values): Promise<Record<string, TensorData>>;
  release(): Promise<void>;
}
