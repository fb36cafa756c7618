import { describe, expect, test } from "vitest";
import { type Field, floats, message, node, tinyOnnx, tinySpec } from "../../../test/support/onnx.ts";
import { loadPredictor } from "../file/load-predictor.node.ts";
import { requireSafeModel } from "./require-safe-model.ts";

const refusal = (bytes: Uint8Array, spec = tinySpec): string => {
  try {
    requireSafeModel(bytes, spec);
  } catch (error) {
    const { exitCode, message: text } = error as { exitCode: number; message: string };
    return `${exitCode}: ${text.replace(/^model: it is not run: /, "")}`;
  }
  return "none";
};
const inGraph = (...graph: readonly Field[]): string => refusal(tinyOnnx({ graph }));
/** An attribute of a type by its number in AttributeProto.AttributeType. */
const attribute = (name: string, type: number, ...fields: readonly Field[]): Field => [
  5,
  [[1, name], [20, type], ...fields],
];
const ints = (name: string, ...values: readonly number[]): Field =>
  attribute(name, 7, ...values.map((n): Field => [8, n]));
const int64s = (name: string, ...values: readonly number[]): Field => [
  5,
  [[1, values.length], [2, 7], [8, name], ...values.map((n): Field => [7, n])],
];
const tensor = (...fields: readonly Field[]): Field => [5, [[8, "x"], [2, 1], ...fields]];

test("a network is let through, and predicts", async () => {
  expect(refusal(tinyOnnx())).toBe("none");
  const predictor = await loadPredictor(tinyOnnx(), { backend: "cpu", threads: 1 });
  const data = Uint8Array.from([255, 0, 0, 0, 0, 255]);
  expect((await predictor.predict({ data, height: 1, width: 2 })).data).toEqual(Uint8Array.of(0, 1));
  await predictor.release();
});

describe("what leads out of the file, or is run by someone else, is refused", () => {
  test("values in other files", () => {
    const location: Field = [
      13,
      [
        [1, "location"],
        [2, "../../etc/passwd"],
      ],
    ];
    const outside = "7: tensor x has its values in another file";
    expect(inGraph(tensor([1, 4], location, [14, 1]))).toBe(outside);
    expect(inGraph(tensor([1, 4], location, [9, new Uint8Array(16)]))).toBe(outside);
    expect(inGraph(tensor([1, 4], [14, 1], [9, new Uint8Array(16)]))).toBe(outside);
    expect(inGraph(node("Constant", [], ["c"], attribute("value", 4, tensor([14, 1]))))).toBe(outside);
  });

  test("operators that are not of the standard", () => {
    expect(inGraph(node("EPContext", ["pixel_values"], ["c"], [3, "n"], [7, "com.microsoft"]))).toBe(
      "7: node n is a EPContext of the domain com.microsoft; it may use operators of the ONNX standard only",
    );
    expect(inGraph(node("Run", ["pixel_values"], ["c"], [7, "evil"]))).toContain("of the domain evil");
    expect(inGraph(node("Relu", ["pixel_values"], ["c"], [7, "ai.onnx"]))).toBe("none");
    expect(
      refusal(
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
      ),
    ).toContain("it imports operators of the domain evil");
  });

  test("loops, functions, and steps of a training", () => {
    expect(inGraph(node("Loop", ["pixel_values"], ["c"], [3, "n"], attribute("body", 5, [6, [[2, "body"]]])))).toBe(
      "7: node n, a Loop, has a graph of its own as an attribute",
    );
    expect(inGraph(node("X", ["pixel_values"], ["c"], attribute("a", 10, [11, [[2, "body"]]])))).toContain(
      "graphs of its own",
    );
    expect(inGraph([15, [[3, 1]]])).toBe("7: it holds sparse tensors");
    expect(refusal(tinyOnnx({ model: [[25, [[1, "f"]]]] }))).toBe("7: it holds functions");
    expect(refusal(tinyOnnx({ model: [[20, [[1, []]]]] }))).toBe("7: it holds steps of a training");
  });

  test("a file of ONNX Runtime's own format, though it be protocol buffers too", () => {
    expect(refusal(message([3, "\0\0ORTM"], [14, []]))).toBe("7: it is in ONNX Runtime's own format");
  });
});

describe("what takes more than its bytes is refused", () => {
  test("shapes that overflow, or are not those of the values", () => {
    const huge = 2 ** 40;
    expect(inGraph(tensor([1, huge], [1, huge]))).toBe(`7: tensor x has the shape [${huge}, ${huge}]`);
    expect(inGraph(tensor([1, -4n], [9, new Uint8Array(16)]))).toBe("7: tensor x has the shape [-4]");
    expect(inGraph(tensor([1, 65_536], [1, 65_536]))).toContain("has the shape");
    expect(inGraph(tensor([1, 5], [9, new Uint8Array(16)]))).toBe("7: tensor x [5] should hold 20, but holds 16");
    expect(inGraph(tensor([1, 5]))).toBe("7: tensor x [5] should hold 5, but holds 0");
    expect(inGraph(tensor([1, 2], [4, new Uint8Array(8)]))).toBe("none");
    expect(inGraph(tensor([1, 2], [4, new Uint8Array(8)], [9, new Uint8Array(8)]))).toContain("should hold");
    expect(
      inGraph([
        5,
        [
          [8, "x"],
          [2, 8],
          [6, "text"],
        ],
      ]),
    ).toBe("7: tensor x holds texts");
    expect(
      inGraph([
        5,
        [
          [8, "x"],
          [2, 99],
        ],
      ]),
    ).toBe("7: tensor x has the data type 99, which is no number");
    const declared = (name: string, ...sizes: readonly number[]): Field => [
      13,
      [
        [1, name],
        [
          2,
          [
            [
              1,
              [
                [1, 1],
                [2, sizes.map((n): Field => [1, [[1, n]]])],
              ],
            ],
          ],
        ],
      ],
    ];
    expect(inGraph(declared("logits", 1, 2, 4, 4))).toBe("none");
    expect(inGraph(declared("logits", 1, 2, huge, huge))).toBe(
      `7: value logits is said to be [1, 2, ${huge}, ${huge}], but is [1, 2, 4, 4]`,
    );
    expect(inGraph(declared("logits", 2))).toContain("value logits is said to be [2]");
    expect(inGraph(declared("x"))).toBe("7: it declares the value x, which nothing makes");
    expect(
      inGraph([
        11,
        [
          [1, "y"],
          [2, [[4, []]]],
        ],
      ]),
    ).toBe("7: value y is no tensor");
  });

  test("numbers made of constants", () => {
    const shape = int64s("s", 2 ** 40);
    expect(inGraph(shape, [5, floats("x", [1], [1])], node("Expand", ["x", "s"], ["c"], [3, "n"]))).toBe(
      `7: node n, a Expand, gives the shape [${2 ** 40}]`,
    );
    const many = Array.from({ length: 4000 }, () => 1);
    const [a, b] = [floats("a", [4000, 1], many), floats("b", [1, 4000], many)];
    expect(inGraph([5, a], [5, b], node("Add", ["a", "b"], ["c"], [3, "n"]))).toBe(
      "7: up to node n, a Add, its constants become 16000000 numbers",
    );
    const constant = node("Constant", [], ["c"], attribute("value", 4, [5, floats("w2", [2, 2, 1, 1], [1, 2, 3, 4])]));
    expect(inGraph(constant, node("Transpose", ["c"], ["d"]), node("Conv", ["logits", "c"], ["e"]))).toBe("none");
    const numbers = floats(
      "a",
      [100_000],
      Array.from({ length: 100_000 }, () => 1),
    );
    const copies = Array.from({ length: 80 }, (_, i) => node("Relu", ["a"], [`c${i}`]));
    expect(inGraph([5, numbers], ...copies)).toMatch(/^7: up to node c\d+, a Relu, its constants become \d+ numbers$/);
  });

  test("large values and long work, from small files", () => {
    const weight = [5, floats("k", [2, 2, 1, 1], [1, 2, 3, 4])] as const;
    const one = ["logits", "k"];
    expect(inGraph(weight, node("Conv", one, ["c"], ints("pads", 9, 9, 9, 9)))).toContain(
      "has windows that do not fit",
    );
    expect(inGraph(weight, node("Conv", one, ["c"], ints("strides", 1, 0)))).toContain("has windows that do not fit");
    const resize = (...sizes: readonly number[]): string =>
      inGraph(int64s("s", ...sizes), node("Resize", ["logits", "", "", "s"], ["c"], [3, "n"]));
    expect(resize(1, 2, 8, 8)).toBe("none");
    expect(resize(1, 2, 4000, 4000)).toMatch(
      /^7: up to node n, a Resize, 320000\d\d numbers are made, over the limit of/,
    );
    expect(resize(1, 2, -1, 8)).toBe("7: node n, a Resize, gives the shape [1, 2, -1, 8]");
    const shuffle = node("DepthToSpace", ["logits"], ["c"], attribute("blocksize", 2, [3, 2]));
    expect(inGraph(shuffle)).toContain("has a blocksize that does not fit");
    expect(inGraph(int64s("s", 1, 2, 3, 4), node("Reshape", ["logits", "s"], ["c"]))).toContain(
      "makes [1, 2, 3, 4] of",
    );
    const far = int64s("p", 0, 0, 0, 1e7, 0, 0, 0, 0);
    expect(inGraph(far, node("Pad", ["logits", "p"], ["c"]))).toContain("numbers are made, over the limit");
    const side = 1000;
    const squares = Array.from({ length: 1000 }, (_, i) =>
      node("MatMul", [i === 0 ? "x" : `c${i - 1}`, "x"], [`c${i}`]),
    );
    const square = [
      5,
      floats(
        "x",
        [side, side],
        Array.from({ length: side ** 2 }, () => 0),
      ),
    ] as const;
    expect(inGraph(square, ...squares)).toMatch(/^7: up to node c\d+, a MatMul, \d+ multiplications are done/);
  });

  test("what does not follow from sizes, and what is not known", () => {
    expect(inGraph(node("Expand", ["logits", "logits"], ["c"], [3, "n"]))).toBe(
      "7: node n, a Expand, takes operand 1, which does not follow from sizes alone",
    );
    expect(inGraph(node("Relu", ["later"], ["c"], [3, "n"]), node("Relu", ["logits"], ["later"]))).toBe(
      "7: node n, a Relu, reads later, which is not there yet",
    );
    expect(inGraph(node("Relu", ["logits"], ["c"]), node("Tanh", ["logits"], ["c"]))).toBe(
      "7: it makes the value c twice",
    );
    expect(inGraph(node("NonZero", ["logits"], ["c"], [3, "n"]))).toBe(
      "7: node n, a NonZero, is no operator that segkit export writes",
    );
    expect(inGraph(node("Reshape", ["logits", "s"], ["c"], [3, "n"], attribute("allowzero", 2, [3, 1])))).toBe(
      "7: node n, a Reshape, has the attribute allowzero, which it does not know",
    );
    expect(inGraph(node("Concat", ["logits"], ["c"], [3, "n"], attribute("axis", 3, [4, "1"])))).toBe(
      "7: node n, a Concat, has an attribute axis of another type",
    );
    expect(refusal(tinyOnnx({ model: [[8, [[2, 9]]]] }))).toBe("7: it is in opset 9; known are 13 to 23");
  });

  test("a picture that is small for what is made of it", async () => {
    const sized = int64s("s", 1, 2, 1500, 1500);
    const bytes = tinyOnnx({ graph: [sized, node("Resize", ["logits", "", "", "s"], ["c"])] });
    const spec = { ...tinySpec, resize: { ...tinySpec.resize, size: [64, 64] as [number, number] } };
    const { requireModest } = requireSafeModel(bytes, spec);
    expect(() => requireModest([2, 3, 64, 64])).not.toThrow();
  });

  test("nodes without end", () => {
    expect(inGraph(...Array.from({ length: 10_000 }, () => node("Relu", ["pixel_values"], ["c"])))).toBe(
      "7: it has more than 10000 nodes",
    );
  });
});

test("a file that is not what it says of itself, or none, is refused", () => {
  expect(refusal(tinyOnnx(), { ...tinySpec, input: { ...tinySpec.input, name: "x" } })).toBe(
    "7: it takes pixel_values, but says that it takes x",
  );
  expect(refusal(tinyOnnx(), { ...tinySpec, output: { ...tinySpec.output, name: "x" } })).toBe(
    "7: it does not give x, as it says",
  );
  expect(refusal(tinyOnnx().subarray(0, -3))).toBe("7: model: it is not an ONNX file, or it is damaged");
});

test("values that are not those it says it gives are refused when it predicts", async () => {
  const spec = JSON.stringify({ ...tinySpec, names: ["a", "b", "c"], colors: [...tinySpec.colors, [0, 0, 0]] });
  const wrong = await loadPredictor(
    tinyOnnx({
      model: [
        [
          14,
          [
            [1, "seg.spec"],
            [2, spec],
          ],
        ],
      ],
    }),
    {
      ...{ backend: "cpu", threads: 1 },
    },
  );
  await expect(wrong.predict({ data: new Uint8Array(48), height: 4, width: 4 })).rejects.toMatchObject({
    message: "model: expected logits [1, 3, 4, 4] of 3 classes, but it gives others: [1, 2, 4, 4]",
    exitCode: 7,
  });
  await wrong.release();
});
