/** What a backend can do, and what it does fast; lowerings ask these, never for the backend's name. */
export interface LoweringTarget {
  readonly name: string;
  /** Has com.microsoft.FusedMatMul, which multiplies transposed matrices without moving them. */
  readonly fusedMatMul: boolean;
  /** Has com.microsoft.FusedConv, a convolution with an activation at its end. */
  readonly fusedConv: boolean;
  /** Convolves volumes as fast as pictures. */
  readonly convolution3d: boolean;
  /** Convolves one wide picture faster than several small ones. */
  readonly sideBySide: boolean;
  /** Has Scan, for convolutions by Winograd's algorithm, block by block. */
  readonly winograd: boolean;
  /** Nodes are listed so that activations are freed early, not as they were built. */
  readonly memoryOrder: boolean;
  /** Shapes are kept from the runtime, which else keeps memory for values of the same shape. */
  readonly hiddenShapes: boolean;
  /** MaxPool gives the indices of its maxima, and ScatterElements can add at them. */
  readonly poolIndices: boolean;
  /** Every operator takes every dtype. Elsewhere int64 is only an index, and int32 and bool are not gathered or cut. */
  readonly everyDType: boolean;
  /** Reduces over any axes at once; elsewhere the whole tensor is transposed first, unless they are the last ones. */
  readonly reducesAnyAxes: boolean;
  /** Programs and weights lie in a memory of the backend's own, not in the process's. */
  readonly ownMemory: boolean;
  /** Convolutions are computed in float16, weights and all else in float32. */
  readonly half: boolean;
}

/** ONNX Runtime's native CPU kernels. */
export const cpuTarget: LoweringTarget = {
  name: "cpu",
  fusedMatMul: true,
  fusedConv: true,
  convolution3d: true,
  sideBySide: true,
  winograd: true,
  memoryOrder: true,
  hiddenShapes: true,
  poolIndices: true,
  everyDType: true,
  reducesAnyAxes: true,
  ownMemory: false,
  half: false,
};

/** ONNX Runtime compiled to WebAssembly: the same kernels as the CPU's. */
export const wasmTarget: LoweringTarget = { ...cpuTarget, name: "wasm" };

/** Operators that every backend has. */
export const portableTarget: LoweringTarget = {
  name: "portable",
  fusedMatMul: false,
  fusedConv: false,
  convolution3d: false,
  sideBySide: false,
  winograd: false,
  memoryOrder: true,
  hiddenShapes: false,
  poolIndices: false,
  everyDType: false,
  reducesAnyAxes: false,
  ownMemory: false,
  half: false,
};

/** ONNX Runtime's WebGPU kernels. */
export const webgpuTarget: LoweringTarget = {
  ...portableTarget,
  ...{ name: "webgpu", fusedConv: true, ownMemory: true },
};
