import { type Field, floats, node, tinyOnnx } from "../../test/support/onnx.ts";
import { loadPredictor } from "../../src/inference/file/load-predictor.node.ts";
import { mutated, oneOf, type Token } from "../mutate.ts";
import type { Reader } from "../reader.ts";

/** Attributes of whole numbers, of one of them, and of text. */
const ints = (name: string, ...values: readonly number[]): Field => [
  5,
  [[1, name], [20, 7], ...values.map((n): Field => [8, n])],
];
const int = (name: string, value: number): Field => [
  5,
  [
    [1, name],
    [20, 2],
    [3, value],
  ],
];
const text = (name: string, value: string): Field => [
  5,
  [
    [1, name],
    [20, 3],
    [4, value],
  ],
];

/** Constants of int64. */
const list = (name: string, ...values: readonly number[]): Field => [
  5,
  [
    [1, values.length],
    [2, 7],
    [8, name],
    [9, new Uint8Array(BigInt64Array.from(values, BigInt).buffer)],
  ],
];
const scalar = (name: string, value: number): Field => [
  5,
  [
    [2, 7],
    [8, name],
    [9, new Uint8Array(BigInt64Array.of(BigInt(value)).buffer)],
  ],
];

/** The size of the pictures, as exports take it from them. */
const size = node("Shape", ["pixel_values"], ["size"], int("start", 2));

/** Nodes that work on what the convolution gives: all kinds that exports hold. */
const others: readonly (readonly Field[])[] = [
  [node("Relu", ["logits"], ["a"]), node("Sigmoid", ["a"], ["b"]), node("Add", ["a", "b"], ["c"])],
  [
    node("MaxPool", ["logits"], ["a"], ints("kernel_shape", 2, 2), ints("strides", 1, 1), ints("pads", 0, 0, 1, 1)),
    node("AveragePool", ["a"], ["b"], ints("kernel_shape", 3, 3), ints("strides", 2, 2), ints("pads", 1, 1, 1, 1)),
  ],
  [node("Transpose", ["logits"], ["a"], ints("perm", 0, 2, 3, 1)), node("Shape", ["a"], ["b"])],
  [
    list("sizes", 1, 2, 8, 8),
    node("Resize", ["logits", "", "", "sizes"], ["a"], text("mode", "linear")),
    list("flat", 0, 0, -1),
    node("Reshape", ["logits", "flat"], ["b"]),
    node("Transpose", ["b"], ["c"], ints("perm", 0, 2, 1)),
    node("MatMul", ["c", "b"], ["d"]),
  ],
  [
    size,
    node("Shape", ["logits"], ["front"], int("start", 0), int("end", 2)),
    node("Concat", ["front", "size"], ["whole"], int("axis", 0)),
    node("Resize", ["logits", "", "", "whole"], ["a"], text("coordinate_transformation_mode", "align_corners")),
  ],
  [
    size,
    ...[list("zeros", 0, 0), list("axes", 2, 3), scalar("zero", 0), scalar("one", 1)],
    node("Slice", ["logits", "zeros", "size", "axes"], ["a"]),
    node("Gather", ["size", "one"], ["n"], int("axis", 0)),
    node("Range", ["zero", "n", "one"], ["positions"]),
    node("Gather", ["logits", "positions"], ["b"], int("axis", 3)),
  ],
  [
    [5, floats("k", [1], [2])],
    node("Mul", ["logits", "k"], ["a"]),
    list("axes", 2, 3),
    node("ReduceMean", ["a", "axes"], ["b"], int("keepdims", 1)),
    node("Softmax", ["a"], ["c"], int("axis", 1)),
  ],
  [
    node("ArgMax", ["logits"], ["a"], int("axis", 1), int("keepdims", 0)),
    node("Cast", ["a"], ["b"], int("to", 2)),
    node("Concat", ["logits", "logits"], ["c"], int("axis", 1)),
    node("DepthToSpace", ["c"], ["d"], int("blocksize", 2), text("mode", "CRD")),
  ],
  [
    list("pads", 0, 0, 1, 1, 0, 0, 1, 1),
    node("Pad", ["logits", "pads"], ["a"], text("mode", "edge")),
    [5, floats("t", [2, 1, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])],
    node("ConvTranspose", ["a", "t"], ["b"], ints("strides", 2, 2)),
    [
      5,
      floats(
        "d",
        [2, 1, 3, 3],
        Array.from({ length: 18 }, () => 0.1),
      ),
    ],
    node("Conv", ["logits", "d"], ["c"], ints("pads", 1, 1, 1, 1), ints("dilations", 1, 1), int("group", 2)),
  ],
  [
    [5, floats("scale", [], [0.1])],
    [
      5,
      [
        [2, 2],
        [8, "zero"],
        [9, Uint8Array.of(0)],
      ],
    ],
    node("QuantizeLinear", ["logits", "scale", "zero"], ["a"]),
    node("DequantizeLinear", ["a", "scale", "zero"], ["b"]),
  ],
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
