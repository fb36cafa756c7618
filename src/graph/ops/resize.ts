import { ShapeError } from "../../util/errors.ts";
import { expectDType, expectRank } from "../expect.ts";
import { defineOp } from "../op.ts";
import { showShape } from "../shape.ts";
import { constant, type Tensor } from "../tensor.ts";
import { matmul } from "./matmul.ts";

/**
 * How a resize samples: `nearest` takes floor(i·in/out); `bilinear` interpolates between pixel centres;
 * `bilinear-align-corners` lays the corner pixels of input and output over each other. All three as in PyTorch.
 */
export type ResizeMode = "nearest" | "bilinear" | "bilinear-align-corners";

export interface ResizeAttrs {
  readonly size: readonly [height: number, width: number];
  readonly mode: ResizeMode;
}

export const Resize = defineOp<[x: Tensor], ResizeAttrs>({
  type: "Resize",
  infer: ([x], { size }) => {
    expectDType("Resize", "float32", x);
    expectRank("Resize", x, 4, "NCHW");
    if (size.some((n) => !Number.isInteger(n) || n < 1))
      throw new ShapeError(
        `Resize: expected a size of at least 1×1 for ${showShape(x.shape)}, but received ${size.join("×")}`,
      );
    return { shape: [x.shape[0]!, x.shape[1]!, ...size], dtype: "float32" };
  },
  grad: (dy, { inputs: [x], attrs: { size, mode } }) => {
    const rows = samplingMatrix(x.shape[2]!, size[0], mode);
    const columns = samplingMatrix(x.shape[3]!, size[1], mode);
    return [matmul(matmul(rows, dy, { transposeA: true }), columns)];
  },
});

type Taps = (at: number, length: number, size: number) => readonly [from: number, towards: number];

/** Where an output element samples its input: `from` is the lower neighbour, `towards` the share of the upper one. */
const taps: Record<ResizeMode, Taps> = {
  nearest: (at, length, size) => [nearestSource(at, length, size), 0],
  bilinear: (at, length, size) => split(Math.max(((at + 0.5) * length) / size - 0.5, 0)),
  "bilinear-align-corners": (at, length, size) => split(size === 1 ? 0 : (at * (length - 1)) / (size - 1)),
};

/** The input element that output element `at` repeats: ⌊at·length/size⌋ in float32, which is how PyTorch rounds. */
export function nearestSource(at: number, length: number, size: number): number {
  return Math.min(Math.floor(Math.fround(at * Math.fround(length / size))), length - 1);
}

function split(position: number): [number, number] {
  const from = Math.floor(position);
  return [from, position - from];
}

/** [size, length]: row i holds the weights with which output i sums the input. */
function samplingMatrix(length: number, size: number, mode: ResizeMode): Tensor {
  const data = new Float32Array(size * length);
  for (let i = 0; i < size; i++) {
    const [from, towards] = taps[mode](i, length, size);
    const upper = Math.min(from + 1, length - 1);
    data[i * length + from]! += 1 - towards;
    data[i * length + upper]! += towards;
  }
  return constant(data, [size, length]);
}

/**
 * x [N, C, H, W] at another height and width. Throws a ShapeError for a size below 1×1.
 * @example const y = resize(x, [360, 480], "bilinear"); // [N, C, H, W] → [N, C, 360, 480]
 */
export const resize = (x: Tensor, size: readonly [number, number], mode: ResizeMode): Tensor =>
  x.shape[2] === size[0] && x.shape[3] === size[1] ? x : Resize([x], { size, mode });
