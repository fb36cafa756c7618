/** What a backend can do, and what it does fast; lowerings ask these, never for the backend's name. */
export interface LoweringTarget {
  readonly name: string;
  /** Has com.microsoft.FusedMatMul, which multiplies transposed matrices without moving them. */
  readonly fusedMatMul: boolean;
  /** Has com.microsoft.FusedConv, a convolution with an activation at its end. */
  readonly fusedConv: boolean;
  /** MaxPool gives the indices of its maxima, and ScatterElements can add at them. */
  readonly poolIndices: boolean;
}

/** ONNX Runtime's native CPU kernels. */
export const cpuTarget: LoweringTarget = { name: "cpu", fusedMatMul: true, fusedConv: true, poolIndices: true };

/** ONNX Runtime compiled to WebAssembly: the same kernels as the CPU's. */
export const wasmTarget: LoweringTarget = { name: "wasm", fusedMatMul: true, fusedConv: true, poolIndices: true };

/** Operators that every backend has. */
export const portableTarget: LoweringTarget = {
  name: "portable",
  fusedMatMul: false,
  fusedConv: false,
  poolIndices: false,
};
