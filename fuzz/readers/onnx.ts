import { type Field, floats, node, tinyOnnx } from "../../test/support/onnx.ts";
import { loadPredictor } from "../../src/inference/file/load-predictor.node.ts";
import { mutated, oneOf, type Token } from "../mutate.ts";
import type { Reader } from "../reader.ts";

const ints = (name: string, ...values: readonly number[]): Field => [
  5,
  [[1, name], [20, 7], ...values.map((n): Field => [8, n])],
];

/** Operators that work on what the convolution gives. */
const others: readonly (readonly Field[])[] = [
  [node("Relu", ["logits"], ["a"])],
  [node("MaxPool", ["logits"], ["a"], ints("kernel_shape", 2, 2), ints("strides", 1, 1), ints("pads", 0, 0, 1, 1))],
  [node("Transpose", ["logits"], ["a"], ints("perm", 0, 2, 3, 1)), node("Shape", ["a"], ["b"])],
  [
    [
      5,
      [
        [1, 4],
        [2, 7],
        [8, "sizes"],
        [9, new Uint8Array(BigInt64Array.of(1n, 2n, 8n, 8n).buffer)],
      ],
    ],
    node("Reshape", ["logits", "sizes"], ["a"]),
    node("Resize", ["logits", "", "", "sizes"], ["c"]),
  ],
  [
    [5, floats("k", [1], [2])],
    node("Mul", ["logits", "k"], ["a"]),
    node("ReduceMean", ["a"], ["b"]),
    node("Softmax", ["a"], ["c"]),
  ],
  [node("ArgMax", ["logits"], ["a"]), node("DepthToSpace", ["pixel_values"], ["b"])],
];

/** Exported files: what is let through goes on to ONNX Runtime, and predicts. */
export const onnx: Reader = {
  megabytes: 300,
  async inputs() {
    const files = [tinyOnnx(), ...others.map((graph) => tinyOnnx({ graph }))];
    const tokens: Token[] = [
      ...[
        "Loop",
        "If",
        "Scan",
        "Expand",
        "ConstantOfShape",
        "Constant",
        "com.microsoft",
        "ai.onnx",
        "evil",
        "location",
        "../x",
      ],
      ...["Conv", "Pad", "Resize", "Tile", "RandomNormal", "seg.spec", "pixel_values", "logits", '"names":', "ORTM"],
      ...[[0x08], [0x0a], [0x3a], [0x6a, 0x02], [0x70, 0x01], [0xff, 0xff, 0xff, 0xff, 0x07], [0x2a, 0x00]].map(
        (bytes) => Uint8Array.from(bytes),
      ),
    ];
    return (random) => mutated(random, oneOf(random, files), tokens);
  },
  async read(input) {
    const predictor = await loadPredictor(input, { backend: "cpu", threads: 1 });
    try {
      await predictor.predict({ data: new Uint8Array(48).fill(9), height: 4, width: 4 });
    } finally {
      await predictor.release();
    }
  },
};
