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
const attribute = (...fields: readonly Field[]): Field => [5, [[1, "a"], ...fields]];
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
    expect(inGraph(node("Constant", [], ["c"], attribute(tensor([14, 1]))))).toBe(outside);
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
    expect(inGraph(node("Loop", ["pixel_values"], ["c"], [3, "n"], attribute([6, [[2, "body"]]])))).toBe(
      "7: node n, a Loop, has a graph of its own as an attribute",
    );
    expect(inGraph(node("X", ["pixel_values"], ["c"], attribute([11, [[2, "body"]]])))).toContain("graphs of its own");
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
    const shape: Field = [
      2,
      [
        [1, [[1, huge]]],
        [1, [[1, huge]]],
      ],
    ];
    expect(
      inGraph([
        11,
        [
          [1, "y"],
          [2, [[1, [[1, 1], shape]]]],
        ],
      ]),
    ).toBe(`7: value y has the shape [${huge}, ${huge}]`);
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
    const shape: Field = [
      5,
      [
        [1, 1],
        [2, 7],
        [8, "s"],
        [7, 2 ** 40],
      ],
    ];
    expect(inGraph(shape, node("ConstantOfShape", ["s"], ["c"], [3, "n"]))).toBe(
      "7: node n is a ConstantOfShape of constants alone",
    );
    expect(inGraph(node("RandomNormal", [], ["c"], [3, "n"]))).toBe("7: node n is a RandomNormal of constants alone");
    const [a, b] = [floats("a", [2, 1], [1, 2]), floats("b", [1, 2], [1, 2])];
    expect(inGraph([5, a], [5, b], node("Add", ["a", "b"], ["c"]))).toContain("is a Add of constants alone");
    const constant = node("Constant", [], ["c"], attribute([5, a]));
    expect(inGraph(constant, node("Transpose", ["c"], ["d"]), node("Conv", ["pixel_values", "d"], ["e"]))).toBe("none");
    const numbers = floats(
      "a",
      [100_000],
      Array.from({ length: 100_000 }, () => 1),
    );
    const copies = Array.from({ length: 100 }, (_, i) => node("Cast", ["a"], [`c${i}`]));
    expect(inGraph([5, numbers], ...copies)).toMatch(/^7: its constants become more than \d+ numbers$/);
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
