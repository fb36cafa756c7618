import { describe, expect, test } from "vitest";
import golden from "../../test/golden/unet_arch.json" with { type: "json" };
import { TinyEncoder } from "../../test/support/tiny-encoder.ts";
import { namedParameters } from "../nn/module.ts";
import { layerGroups, type ParameterInfo, trainableParameters } from "./layer-groups.ts";
import { unet } from "./unet/unet.ts";

const model = unet({ encoder: "resnet34", classes: 32 });
const groups = layerGroups(model);
const size = (parameters: readonly ParameterInfo[]): number =>
  parameters.reduce((total, { parameter }) => total + parameter.tensor.size, 0);
const weights = (parameters: readonly ParameterInfo[]) => parameters.filter(({ role }) => role === "weight");
const others = (parameters: readonly ParameterInfo[]) => parameters.filter(({ role }) => role !== "weight");
const norms = (parameters: readonly ParameterInfo[]) => parameters.filter(({ role }) => role === "norm");

describe("fastai's groups of the ResNet-34 U-Net", () => {
  test.each(golden.layer_groups_unfrozen.map((expected, i) => ({ i, expected })))("group $i", ({ i, expected }) => {
    const group = groups[i]!;
    expect(size(group)).toBe(expected.params);
    expect(size(norms(group))).toBe(expected.bn_params);
    expect(weights(group)).toHaveLength(expected.opt_weights_tensors);
    expect(size(weights(group))).toBe(expected.opt_weights_params);
    expect(others(group)).toHaveLength(expected.opt_bn_and_bias_tensors);
    expect(size(others(group))).toBe(expected.opt_bn_and_bias_params);
  });

  test("together they are all parameters", () => {
    expect(groups).toHaveLength(3);
    expect(groups.flat().map(({ name }) => name)).toEqual(namedParameters(model).map(([name]) => name));
  });
});

test("frozen to the last group, its weights and every batch norm train", () => {
  const trainable = trainableParameters(groups, -1);
  for (const [i, expected] of golden.frozen_optimizer_groups.entries()) {
    const group = trainable.filter((parameter) => parameter.group === i);
    expect(weights(group)).toHaveLength(expected.opt_weights_tensors);
    expect(others(group)).toHaveLength(expected.opt_bn_and_bias_tensors);
    expect(size(group)).toBe(expected.trainable);
  }
  expect(size(trainable)).toBe(19_956_520);
});

test("freezing to other groups", () => {
  expect(trainableParameters(groups, 0)).toEqual(groups.flat());
  expect(trainableParameters(groups, 2)).toEqual(trainableParameters(groups, -1));
  expect(trainableParameters(groups, -1, { trainBn: false })).toEqual(groups[2]);
  expect(size(trainableParameters(groups, 1))).toBe(3200 + 19_936_768 + 19_939_496);
  expect(() => trainableParameters(groups, 3)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: freeze: expected a layer group from -3 to 2, but received 3]`,
  );
});

test("an encoder without a second group makes one group instead of two", () => {
  const [encoder, decoder, ...rest] = layerGroups(unet({ encoder: new TinyEncoder(), classes: 3 }));
  expect(rest).toEqual([]);
  expect(encoder!.every(({ name }) => name.startsWith("layers.0."))).toBe(true);
  expect(decoder!.some(({ name }) => name.startsWith("layers.0."))).toBe(false);
});
