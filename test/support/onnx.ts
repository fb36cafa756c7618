import { encodeSpec, type ModelSpec, specKey } from "../../src/inference/model-spec.ts";

/** A field of a message: its number, and a whole number, text, bytes, or a message of fields. */
export type Field = readonly [number: number, value: number | bigint | string | Uint8Array | readonly Field[]];

/** Any message of protocol buffers, whatever its schema says. */
export function message(...fields: readonly Field[]): Buffer {
  return encoded(fields);
}

function encoded(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.map(([number, value]) => {
      if (typeof value === "number" || typeof value === "bigint")
        return Buffer.concat([varint(8 * number), varint(value)]);
      const bytes = Array.isArray(value) ? encoded(value as Field[]) : Buffer.from(value as Uint8Array);
      return Buffer.concat([varint(8 * number + 2), varint(bytes.length), bytes]);
    }),
  );
}

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

/** A node: operator, operands, results, and what else it has. */
export const node = (type: string, inputs: readonly string[], outputs: readonly string[], ...more: Field[]): Field => [
  1,
  [...inputs.map((name): Field => [1, name]), ...outputs.map((name): Field => [2, name]), [4, type], ...more],
];

/** A tensor of float32. */
export const floats = (name: string, dims: readonly number[], values: readonly number[]): Field[] => [
  ...dims.map((n): Field => [1, n]),
  ...[[2, 1] as const, [8, name] as const, [9, new Uint8Array(Float32Array.from(values).buffer)] as const],
];

const value = (number: 11 | 12, name: string, dims: readonly (number | string)[]): Field => {
  const shape = dims.map((n): Field => [1, [typeof n === "number" ? [1, n] : [2, n]]]);
  return [
    number,
    [
      [1, name],
      [
        2,
        [
          [
            1,
            [
              [1, 1],
              [2, shape],
            ],
          ],
        ],
      ],
    ],
  ];
};

/** What a file of `tinyOnnx` says of itself. */
export const tinySpec: ModelSpec = {
  ...{ format: 1, names: ["road", "sky"], ignoreIndex: null, precision: "fp32", run: null, dataset: null },
  colors: [
    [1, 2, 3],
    [4, 5, 6],
  ],
  stats: { mean: [0, 0, 0], std: [1, 1, 1] },
  resize: { size: [4, 4], minimum: 1, mode: "squish", interpolation: "bilinear-align-corners" },
  input: { name: "pixel_values", dtype: "float32", layout: "NCHW" },
  output: { name: "logits", kind: "logits" },
};

/** A sound file of one convolution that tells two classes apart; `graph` and `model` are added to it. */
export function tinyOnnx({
  graph = [],
  model = [],
}: { graph?: readonly Field[]; model?: readonly Field[] } = {}): Buffer {
  return message(
    [1, 8],
    [
      8,
      [
        [1, ""],
        [2, 18],
      ],
    ],
    [
      14,
      [
        [1, specKey],
        [2, encodeSpec(tinySpec)],
      ],
    ],
    [
      7,
      [
        node("Conv", ["pixel_values", "w"], ["logits"], [3, "conv"]),
        [2, "tiny"],
        [5, floats("w", [2, 3, 1, 1], [1, 0, 0, 0, 0, 1])],
        value(11, "pixel_values", ["n", 3, "h", "w"]),
        value(12, "logits", ["n", 2, "h", "w"]),
        ...graph,
      ],
    ],
    ...model,
  );
}
