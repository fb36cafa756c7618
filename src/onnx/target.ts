/**
 * What makes a program faster or leaner and changes nothing but rounding. Each can be left out: behind it is a plainer way
 * to the same numbers.
 */
export interface LoweringOptimizations {
  /** Constants are folded, identities dropped and equal sub-expressions shared. */
  readonly simplify: boolean;
  /** A convolution and the ReLU after it are one node. */
  readonly fusedConv: boolean;
  /** ReLU's gradient is one product with a steep sigmoid, not a comparison, a cast and a product. */
  readonly maskFreeRelu: boolean;
  /** Pixels are shuffled by two transposes that move whole rows, not by one of six axes. */
  readonly rowShuffle: boolean;
  /** Nodes are listed so that activations are freed early, not as they were built. */
  readonly memoryOrder: boolean;
  /** Shapes are kept from the runtime, which else keeps memory for values of the same shape. */
  readonly hiddenShapes: boolean;
  /** Gradients of 1×1 convolutions are matrix products. */
  readonly pointwise: boolean;
  /** The gradient by a convolution's input is a convolution with turned weights where pictures outweigh weights. */
  readonly flipped: boolean;
  /** Small pictures of a batch are spread side by side, in one product. */
  readonly sideBySide: boolean;
  /** The weights' gradients of few pixels are one product with columns. */
  readonly columns: boolean;
  /** The weights' gradients are a convolution of volumes. */
  readonly correlation: boolean;
  /** The weights' gradients of a filter for each channel are one convolution. */
  readonly depthwise: boolean;
  /** 3×3 convolutions go tile by tile (Lavin & Gray 2016, arXiv:1509.09308). */
  readonly winograd: boolean;
}

/** What a backend can do, and what it does fast; lowerings ask these, never for the backend's name. */
export interface LoweringTarget {
  readonly name: string;
  /** Has com.microsoft.FusedMatMul, which multiplies transposed matrices without moving them. */
  readonly fusedMatMul: boolean;
  /** Has com.microsoft.FusedConv, a convolution with an activation at its end. */
  readonly fusedConv: boolean;
  /** Has convolutions of volumes. */
  readonly convolution3d: boolean;
  /** Has Scan, a node with a body that runs block by block. */
  readonly scan: boolean;
  /** MaxPool gives the indices of its maxima, and ScatterElements can add at them. */
  readonly poolIndices: boolean;
  /** Every operator takes every dtype. Elsewhere int64 is only an index, and int32 and bool are not gathered or cut. */
  readonly everyDType: boolean;
  /** Reduces over any axes at once; elsewhere the whole tensor is transposed first, unless they are the last ones. */
  readonly reducesAnyAxes: boolean;
  /** Programs and weights lie in a memory of the backend's own, not in the process's. */
  readonly ownMemory: boolean;
  /** Results are made where they are wanted, not in memory of the runtime's and then copied. */
  readonly resultsInPlace: boolean;
  /** Convolutions are computed in float16, weights and all else in float32. */
  readonly half: boolean;
  /** What is worth it on this backend. */
  readonly optimizations: LoweringOptimizations;
  /** Formulas that were measured to be the fastest, by `formulaKey`; a rule chooses where there is none. */
  readonly formulas?: FormulaChoices;
}

/** Names of formulas by `formulaKey`. */
export type FormulaChoices = Readonly<Record<string, string>>;

const allOptimizations: LoweringOptimizations = {
  ...{ simplify: true, fusedConv: true, maskFreeRelu: true, rowShuffle: true, memoryOrder: true, hiddenShapes: true },
  ...{ pointwise: true, flipped: true, sideBySide: true, columns: true, correlation: true, depthwise: true },
  winograd: true,
};

/** ONNX Runtime's native CPU kernels. */
export const cpuTarget: LoweringTarget = {
  name: "cpu",
  fusedMatMul: true,
  fusedConv: true,
  convolution3d: true,
  scan: true,
  poolIndices: true,
  everyDType: true,
  reducesAnyAxes: true,
  ownMemory: false,
  resultsInPlace: true,
  half: false,
  optimizations: allOptimizations,
};

/** ONNX Runtime compiled to WebAssembly: the same kernels as the CPU's. */
export const wasmTarget: LoweringTarget = { ...cpuTarget, name: "wasm", resultsInPlace: false };

/** Operators that every backend has. */
export const portableTarget: LoweringTarget = {
  name: "portable",
  fusedMatMul: false,
  fusedConv: false,
  convolution3d: false,
  scan: false,
  poolIndices: false,
  everyDType: false,
  reducesAnyAxes: false,
  ownMemory: false,
  resultsInPlace: false,
  half: false,
  optimizations: { ...allOptimizations, ...{ hiddenShapes: false, sideBySide: false, winograd: false } },
};

/** ONNX Runtime's WebGPU kernels. */
export const webgpuTarget: LoweringTarget = {
  ...portableTarget,
  ...{ name: "webgpu", fusedConv: true, ownMemory: true },
};

/** A target without some of its optimisations. */
export function without(target: LoweringTarget, left: readonly (keyof LoweringOptimizations)[]): LoweringTarget {
  const off = Object.fromEntries(left.map((name) => [name, false]));
  return { ...target, optimizations: { ...target.optimizations, ...off } };
}
