import { encodeSpec, specKey } from "../../src/inference/model-spec.ts";
import { type Field, floats, message, node, tinyOnnx, tinySpec } from "../../test/support/onnx.ts";
import { bombs } from "./bomb.ts";

const outside = (location: string): Buffer =>
  tinyOnnx({
    graph: [
      [
        5,
        [
          [1, 4],
          [2, 1],
          [8, "x"],
          [14, 1],
          [
            13,
            [
              [1, "location"],
              [2, location],
            ],
          ],
        ],
      ],
    ],
  });

const holding = (...graph: readonly Field[]): Buffer => tinyOnnx({ graph });

const huge = 2 ** 40;
const int64s = (name: string, ...values: readonly number[]): Field => [
  5,
  [[1, values.length], [2, 7], [8, name], ...values.map((value): Field => [7, value])],
];

/** A message in a message in a message. */
function nested(number: number, depth: number): Buffer {
  let bytes: Buffer = Buffer.alloc(0);
  for (let i = 0; i < depth; i++) bytes = message([number, bytes]);
  return bytes;
}

export const onnxBombs = bombs("onnx", {
  "values in a file above": () => outside("../../../etc/passwd"),
  "values in an absolute file": () => outside("/etc/passwd"),
  "values in a device": () => outside("/dev/zero"),
  "operator of an unknown domain": () => holding(node("Run", ["pixel_values"], ["c"], [7, "evil"])),
  "operator that loads a library's context": () =>
    holding(node("EPContext", ["pixel_values"], ["c"], [7, "com.microsoft"])),
  "import of an unknown domain": () =>
    tinyOnnx({
      model: [
        [
          8,
          [
            [1, "evil"],
            [2, 1],
          ],
        ],
      ],
    }),
  loop: () =>
    holding(
      node(
        "Loop",
        ["", "", "pixel_values"],
        ["c"],
        [
          5,
          [
            [1, "body"],
            [20, 5],
            [6, [[2, "g"]]],
          ],
        ],
      ),
    ),
  "graphs in graphs": () => tinyOnnx({ model: [[7, nested(1, 3000)]] }),
  "groups in groups": () => Buffer.concat([tinyOnnx(), Buffer.alloc(500_000, 0xfb)]),
  functions: () =>
    tinyOnnx({
      model: [
        [
          25,
          [
            [1, "f"],
            [10, "evil"],
          ],
        ],
      ],
    }),
  "shape of 2^80 values": () =>
    holding([
      5,
      [
        [1, huge],
        [1, huge],
        [2, 1],
        [8, "x"],
      ],
    ]),
  "negative shape": () =>
    holding([
      5,
      [
        [1, -1n],
        [2, 1],
        [8, "x"],
        [9, new Uint8Array(16)],
      ],
    ]),
  "shape of more values than there are": () => holding([5, floats("x", [1000, 1000], [1, 2, 3])]),
  "input of 2^80 values": () =>
    holding([
      11,
      [
        [1, "y"],
        [
          2,
          [
            [
              1,
              [
                [1, 1],
                [
                  2,
                  [
                    [1, [[1, huge]]],
                    [1, [[1, huge]]],
                  ],
                ],
              ],
            ],
          ],
        ],
      ],
    ]),
  "a terabyte of zeros": () => holding(int64s("s", huge), node("ConstantOfShape", ["s"], ["c"])),
  "a terabyte of copies": () =>
    holding(int64s("s", huge), [5, floats("x", [1], [1])], node("Expand", ["x", "s"], ["c"])),
  "a terabyte of sums": () => {
    const many = Array.from({ length: 100_000 }, () => 0);
    const [a, b] = [floats("a", [100_000, 1], many), floats("b", [1, 100_000], many)];
    return holding([5, a], [5, b], node("Add", ["a", "b"], ["c"]));
  },
  "a terabyte of random numbers": () =>
    holding(
      node(
        "RandomNormal",
        [],
        ["c"],
        [
          5,
          [
            [1, "shape"],
            [20, 7],
            [8, huge],
          ],
        ],
      ),
    ),
  "a resize to a billion pixels": () =>
    holding(int64s("s", 1, 2, 31_623, 31_623), node("Resize", ["logits", "", "", "s"], ["c"])),
  "a resize to more than can be": () =>
    holding(int64s("s", 1, 2, 2 ** 52, 8), node("Resize", ["logits", "", "", "s"], ["c"])),
  "a hundred million pads": () => holding(int64s("p", 0, 0, 0, 1e8, 0, 0, 0, 1e8), node("Pad", ["logits", "p"], ["c"])),
  "numbers that are gathered again and again": () => {
    const [many, times] = [100, Array.from({ length: 8 }, (_, i) => i)];
    const indices: Field = [
      5,
      [
        [1, many],
        [1, many],
        [2, 7],
        [8, "i"],
        [9, new Uint8Array(8 * many ** 2)],
      ],
    ];
    return holding(indices, ...times.map((i) => node("Gather", [i === 0 ? "logits" : `c${i - 1}`, "i"], [`c${i}`])));
  },
  "a thousand products of large matrices": () => {
    const side = 1000;
    const product = (i: number): Field => node("MatMul", [i === 0 ? "x" : `c${i - 1}`, "x"], [`c${i}`]);
    const numbers = [
      [1, side],
      [1, side],
      [2, 1],
      [8, "x"],
      [9, new Uint8Array(4 * side ** 2)],
    ] as const;
    return holding([5, numbers], ...Array.from({ length: 1000 }, (_, i) => product(i)));
  },
  "twenty thousand nodes": () =>
    holding(...Array.from({ length: 2e4 }, (_, i) => node("Relu", ["pixel_values"], [`c${i}`]))),
  "pictures of a billion rows": () => {
    const spec = { ...tinySpec, resize: { ...tinySpec.resize, size: [1e9, 1e9] as [number, number] } };
    return tinyOnnx({
      model: [
        [
          14,
          [
            [1, specKey],
            [2, encodeSpec(spec)],
          ],
        ],
      ],
    });
  },
  "ONNX Runtime's own format": () =>
    message(
      [3, "\0\0ORTM"],
      [
        14,
        [
          [1, specKey],
          [2, encodeSpec(tinySpec)],
        ],
      ],
    ),
});
