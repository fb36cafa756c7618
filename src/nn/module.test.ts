import { describe, expect, test } from "vitest";
import { BatchNorm2d } from "./batch-norm.ts";
import { Conv2d } from "./conv.ts";
import { ConvLayer, type NormType } from "./conv-layer.ts";
import { namedBuffers, namedLeaves, namedParameters, parameterCount, stateTensors } from "./module.ts";
import { Relu, Sequential } from "./sequential.ts";

const names = (layer: ConvLayer): string[] => namedLeaves(layer).map(([name]) => name);

test("names join with dots", () => {
  const module = new Sequential(new Conv2d(3, 4, { kernel: 3 }), new Relu(), new Sequential(new BatchNorm2d(4)));
  expect(namedLeaves(module).map(([name, { shape }]) => `${name} ${shape.join("×")}`)).toMatchInlineSnapshot(`
    [
      "0.weight 4×3×3×3",
      "0.bias 4",
      "2.0.weight 4",
      "2.0.bias 4",
      "2.0.running_mean 4",
      "2.0.running_var 4",
    ]
  `);
  expect(namedParameters(module)).toHaveLength(4);
  expect(namedBuffers(module)).toHaveLength(2);
  expect(parameterCount(module)).toBe(3 * 4 * 9 + 4 + 4 + 4);
  expect(Object.keys(stateTensors(module))).toEqual(namedLeaves(module).map(([name]) => name));
});

describe("a ConvLayer numbers its steps as fastai does", () => {
  test.each<[NormType | null, string[]]>([
    [null, ["0.weight", "0.bias"]],
    ["batch", ["0.weight", "2.weight", "2.bias", "2.running_mean", "2.running_var"]],
    ["batchZero", ["0.weight", "2.weight", "2.bias", "2.running_mean", "2.running_var"]],
    ["weight", ["0.weight_g", "0.weight_v", "0.bias"]],
    ["spectral", ["0.weight_orig", "0.weight_u", "0.weight_v", "0.bias"]],
  ])("normType %s", (normType, expected) => {
    expect(names(new ConvLayer(2, 8, { normType }))).toEqual(expected);
  });

  test("without ReLU, and with self-attention", () => {
    expect(names(new ConvLayer(2, 8, { normType: "batch", activation: false }))[1]).toBe("1.weight");
    expect(names(new ConvLayer(2, 8, { selfAttention: true })).slice(2)).toMatchInlineSnapshot(`
      [
        "2.gamma",
        "2.query.weight_orig",
        "2.query.weight_u",
        "2.query.weight_v",
        "2.key.weight_orig",
        "2.key.weight_u",
        "2.key.weight_v",
        "2.value.weight_orig",
        "2.value.weight_u",
        "2.value.weight_v",
      ]
    `);
  });
});

test("roles: what weight decay may spare", () => {
  const layer = new ConvLayer(2, 8, { normType: "batch" });
  const roles = namedParameters(new Sequential(layer, new Conv2d(8, 1, { kernel: 1 }))).map(([name, p]) => [
    name,
    p.role,
  ]);
  expect(roles).toEqual([
    ["0.0.weight", "weight"],
    ["0.2.weight", "norm"],
    ["0.2.bias", "norm"],
    ["1.weight", "weight"],
    ["1.bias", "bias"],
  ]);
});
