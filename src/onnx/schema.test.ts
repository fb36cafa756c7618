import { expect, test } from "vitest";
import { encodeModel } from "./schema.ts";

/** A model that has every kind of field segkit writes. */
const model = {
  irVersion: 10,
  producerName: "segkit",
  opsetImport: [
    { domain: "", version: 18 },
    { domain: "com.microsoft", version: 1 },
  ],
  graph: {
    name: "g",
    node: [
      {
        name: "n",
        opType: "LeakyRelu",
        domain: "",
        input: ["x"],
        output: ["y"],
        attribute: [
          { name: "alpha", type: 1, f: 0.5 },
          { name: "i", type: 2, i: -3 },
          { name: "l", type: 7, ints: [0, -1, 300] },
          { name: "s", type: 3, s: Uint8Array.of(0x68, 0x69) },
        ],
      },
    ],
    initializer: [{ name: "c", dims: [2], dataType: 1, rawData: new Uint8Array(Float32Array.of(1, -2).buffer) }],
    input: [{ name: "x", type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 2 }] } } } }],
    output: [{ name: "y", type: { tensorType: { elemType: 1, shape: { dim: [] } } } }],
  },
};

// The onnx package for Python reads these bytes back as the model above, with a shape of no axes for y.
test("the bytes of a small model", () => {
  const hex = Array.from(encodeModel(model), (byte) => byte.toString(16).padStart(2, "0")).join("");
  expect(hex).toMatchInlineSnapshot(
    `"080a12067365676b69743a92010a5b0a01781201791a016e22094c65616b7952656c752a0f0a05616c706861150000003fa001012a110a016918fdffffffffffffffff01a001022a150a016c420d00ffffffffffffffffff01ac02a001072a0a0a017322026869a001031201672a120a010210014201634a080000803f000000c05a0f0a0178120a0a08080112040a020802620b0a017912060a04080112004202101242110a0d636f6d2e6d6963726f736f66741001"`,
  );
});
