import { describe, expect, test } from "vitest";
import golden from "../../../test/golden/unet_arch.json" with { type: "json" };
import { TinyEncoder } from "../../../test/support/tiny-encoder.ts";
import { input } from "../../graph/tensor.ts";
import { evaluation, Module, namedLeaves, namedParameters, parameterCount } from "../../nn/module.ts";
import { ConfigError } from "../../util/errors.ts";
import { encoderNamed } from "../encoders/index.ts";
import { ResNet } from "../encoders/resnet.ts";
import { unet, type UnetOptions } from "./unet.ts";

const resnet34 = (options: Partial<UnetOptions> = {}) => unet({ encoder: "resnet34", classes: 32, ...options });
const counts = golden.param_count_variants;

test("names and shapes of the ResNet-34 U-Net are fastai's, in the same order", () => {
  expect(namedLeaves(resnet34()).map(([name, { shape }]) => [name, shape])).toEqual(golden.state_dict);
});

test.each<[number, Partial<UnetOptions>]>([
  [counts["resnet34, 32 classes (default)"], {}],
  [counts["resnet34, 12 classes"], { classes: 12 }],
  [
    counts["resnet34, 12 classes, bottle (matches lesson3-camvid-tiramisu summary 41,133,018)"],
    { classes: 12, bottle: true },
  ],
  [counts["resnet34, 2 classes"], { classes: 2 }],
  [counts["resnet34, 32, bottle"], { bottle: true }],
  [counts["resnet34, 32, last_cross=False"], { lastCross: false }],
  [counts["resnet34, 32, self_attention"], { selfAttention: true }],
  [counts["resnet34, 32, norm_type Batch"], { normType: "batch" }],
  [counts["resnet34, 32, norm_type Batch"], { normType: "batchZero" }],
  [counts["resnet34, 32, norm_type Weight (weight_norm g+v)"], { normType: "weight" }],
  [counts["resnet34, 32 classes (default)"], { normType: "spectral" }],
  [counts["resnet34, 32 classes (default)"], { blur: true, blurFinal: false, yRange: [0, 1] }],
  [counts["resnet18, 32"], { encoder: "resnet18" }],
])("%i parameters with %o", (count, options) => {
  expect(parameterCount(resnet34(options))).toBe(count);
});

test("parameters of each of fastai's layers", () => {
  const parameters = namedParameters(resnet34());
  for (const { index, params } of golden.top_level) {
    const own = parameters.filter(([name]) => name.startsWith(`layers.${index}.`));
    expect(
      own.reduce((total, [, { tensor }]) => total + tensor.size, 0),
      `layer ${index}`,
    ).toBe(params);
  }
});

test("self-attention stands behind the third block from the end", () => {
  const names = namedParameters(resnet34({ selfAttention: true })).map(([name]) => name);
  expect(names.filter((name) => name.includes("query"))).toEqual(["layers.5.conv2.2.query.weight_orig"]);
});

test("an encoder whose first feature has the picture's size needs no last shuffle", () => {
  class Flat extends TinyEncoder {
    override readonly strides = [1, 2, 4] as never;
  }
  const names = new Set(namedLeaves(unet({ encoder: new Flat(), classes: 3 })).map(([name]) => name.slice(0, 8)));
  expect([...names]).toEqual(["layers.0", "layers.1", "layers.3", "layers.4", "layers.5", "layers.7", "layers.8"]);
});

test("a narrow ResNet has narrower features and a width of at least 1", () => {
  const encoder = new ResNet([1, 1, 1, 1], { width: 8 });
  expect(encoder.channels).toEqual([8, 8, 16, 32, 64]);
  const x = input("x", [2, 3, 48, 64]);
  expect(encoder.features(x, evaluation).map(({ shape }) => shape)).toEqual([
    [2, 8, 24, 32],
    [2, 8, 12, 16],
    [2, 16, 6, 8],
    [2, 32, 3, 4],
    [2, 64, 2, 2],
  ]);
  expect(() => new ResNet([1, 1, 1, 1], { width: 0 })).toThrowError(
    "ResNet: expected a width of at least 1, but received 0",
  );
});

describe("sizes", () => {
  const model = unet({ encoder: "resnet18", classes: 7 });
  const logits = (h: number, w: number, channels = 3) =>
    model.forward(input("x", [2, channels, h, w]), evaluation).shape;

  test.each([
    [32, 32],
    [33, 32],
    [47, 61],
    [96, 128],
    [360, 480],
  ])("%i×%i pictures give logits of that size", (h, w) => {
    expect(logits(h, w)).toEqual([2, 7, h, w]);
  });

  test("too small, or not RGB", () => {
    expect(model.minimumSize).toBe(32);
    expect(() => logits(31, 64)).toThrow(ConfigError);
    expect(() => logits(31, 64)).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: model: expected pictures of at least 32×32 pixels, but received 31×64]`,
    );
    expect(() => logits(64, 64, 4)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: unet: expected pictures [N, 3, H, W], but received [2, 4, 64, 64]]`,
    );
  });
});

test("options that make no network", () => {
  expect(() => unet({ encoder: "resnet18", classes: 0 })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: unet: expected at least one class, but received 0]`,
  );
  expect(() => unet({ encoder: "resnet18", classes: 2, yRange: [1, 1] })).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: unet: expected a yRange of a lower and a higher number, but received 1, 1]`,
  );
  expect(() =>
    unet({ encoder: new TinyEncoder(), classes: 2, selfAttention: true }),
  ).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: unet: expected an encoder of at least 4 features for selfAttention, but it has 3]`,
  );
  expect(encoderNamed("resnet18")).toBeInstanceOf(Module);
  expect(() => encoderNamed("resnet35")).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: encoder: expected a known name, but received "resnet35"]`,
  );
});
