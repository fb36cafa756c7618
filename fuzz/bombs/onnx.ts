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
