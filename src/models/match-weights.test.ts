import { expect, test } from "vitest";
import { TinyEncoder } from "../../test/support/tiny-encoder.ts";
import type { StoredTensor } from "../nn/safetensors.ts";
import { initialState, type StateDict } from "../nn/state.ts";
import { ConfigError } from "../util/errors.ts";
import { Random } from "../util/random.ts";
import { ResNet } from "./encoders/resnet.ts";
import { foldChannels } from "./fold-channels.ts";
import { describeWeights, matchWeights } from "./match-weights.ts";
import type { SegmentationModel } from "./model.ts";
import { unet } from "./unet/unet.ts";

const resnet = (classes = 2, channels = 3) => unet({ encoder: new ResNet([1, 2, 1, 1], { channels }), classes });
const model = resnet();
const state = initialState(model, new Random(1));
const encoderOnly: StateDict = new Map([...state].filter(([name]) => name.startsWith("layers.0.")));
const f32 = (...shape: number[]): StoredTensor => ({
  dtype: "F32",
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

/** The encoder's part of a state, as torchvision's files name it, with a classifier. */
function published(of: SegmentationModel, values: StateDict): Map<string, StoredTensor> {
  const [names] = of.encoder.published;
  const own = [...values].filter(([name]) => name.startsWith("layers.0."));
  const renamed = own.map(([name, tensor]): [string, StoredTensor] => [
    names!.rename(name.slice("layers.0.".length)),
    tensor,
  ]);
  return new Map([
    ...renamed,
    ["bn1.num_batches_tracked", { dtype: "I64", shape: [], data: BigInt64Array.of(0n) }],
    ["fc.weight", f32(1000, 512)],
    ["fc.bias", f32(1000)],
  ]);
}

/** Expects the very tensors of another state: comparing millions of values would take minutes. */
function expectSameTensors(found: StateDict, expected: StateDict): void {
  expect([...found.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
  for (const [name, { data }] of expected) expect(found.get(name)!.data === data, name).toBe(true);
}

test("an encoder's weights under torchvision's names, the classifier left out", () => {
  const matched = matchWeights(model, published(model, state));
  expectSameTensors(matched.state, encoderOnly);
  expect(matched.report).toEqual({
    ...{ part: "encoder", names: "torchvision", loaded: encoderOnly.size, expected: encoderOnly.size },
    ...{ missing: [], unexpected: ["fc.weight", "fc.bias"], mismatched: [] },
  });
  expect(describeWeights(matched.report)).toMatchInlineSnapshot(
    `"encoder, names of torchvision: 70 of 70 tensors; not used: fc.weight, fc.bias"`,
  );
});

test("a whole model of other classes: all but its head", () => {
  const other = resnet(5);
  const { state: found, report } = matchWeights(other, state);
  expect(found.size).toBe(state.size - 2);
  expect(report).toMatchObject({ part: "model", missing: [], unexpected: [] });
  expect(report.mismatched).toEqual([
    { name: "layers.11.0.weight", expected: [5, 99, 1, 1], received: [2, 99, 1, 1] },
    { name: "layers.11.0.bias", expected: [5], received: [2] },
  ]);
  expect(describeWeights(report)).toMatchInlineSnapshot(
    `"model, names of segkit's and fastai's: 124 of 126 tensors; of another shape: layers.11.0.weight, layers.11.0.bias"`,
  );
});

test("names that fastai gives a network built for an odd size", () => {
  const shifted = new Map(
    [...state].map(([name, tensor]) => [
      name.replace(/^layers\.1([01])/, (_, n) => `layers.1${Number(n) + 1}`),
      tensor,
    ]),
  );
  expect(shifted.has("layers.12.0.bias")).toBe(true);
  const { state: found, report } = matchWeights(model, shifted);
  expectSameTensors(found, state);
  expect(report).toMatchObject({ loaded: state.size, missing: [], unexpected: [], mismatched: [] });
});

test("what is missing keeps what was drawn, and is told", () => {
  const file = published(model, state);
  file.delete("layer1.0.conv2.weight");
  const { state: found, report } = matchWeights(model, file);
  expect(report.missing).toEqual(["layer1.0.conv2.weight"]);
  expect(found.has("layers.0.4.0.conv2.weight")).toBe(false);
  expect(describeWeights(report)).toContain("missing: layer1.0.conv2.weight");
});

test("weights in double precision are rounded", () => {
  const file = published(model, state);
  file.set("bn1.bias", { dtype: "F64", shape: [64], data: new Float64Array(64).fill(0.1) });
  expect(matchWeights(model, file).state.get("layers.0.1.bias")!.data).toEqual(new Float32Array(64).fill(0.1));
});

test("weights of another network", () => {
  const file = published(model, state);
  file.set("layer4.0.conv1.weight", f32(512, 256, 1, 1));
  expect(() => matchWeights(model, file)).toThrow(ConfigError);
  expect(() => matchWeights(model, file)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: weights: the file is of another encoder: layer4.0.conv1.weight is [512, 256, 1, 1], expected [512, 256, 3, 3]]`,
  );
  expect(() => matchWeights(model, new Map([["features.0.weight", f32(1)]]))).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: weights: none of the file's 1 tensors fits the model: expected names like layers.0.0.weight or conv1.weight, but found features.0.weight]`,
  );
  expect(() => matchWeights(unet({ encoder: new TinyEncoder(), classes: 2 }), file)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: weights: none of the file's 73 tensors fits the model: expected names like layers.0.0.weight, but found conv1.weight, bn1.weight, bn1.bias, bn1.running_mean and 69 more]`,
  );
});

test("pictures of one channel and of five: the first convolution sums or repeats the colours", () => {
  const file = published(model, state);
  const rgb = file.get("conv1.weight")!.data as Float32Array;
  for (const channels of [1, 5]) {
    const { state: found, report } = matchWeights(resnet(2, channels), file);
    expect(report).toMatchObject({ loaded: encoderOnly.size, mismatched: [] });
    const { shape, data } = found.get("layers.0.0.weight")!;
    expect(shape).toEqual([64, channels, 7, 7]);
    const total = (values: Float32Array, depth: number): number =>
      Array.from({ length: depth }, (_, c) => values[c * 49 + 10]!).reduce((a, b) => a + b);
    if (channels === 1) expect(data[10]).toBeCloseTo(total(rgb, 3), 5);
    else expect([data[10], data[4 * 49 + 10]]).toEqual([0, 1].map((c) => expect.closeTo(0.6 * rgb[c * 49 + 10]!, 5)));
  }
  expect(foldChannels({ dtype: "F32", shape: [2, 3, 1, 1], data: new Float32Array(6) }, [2, 4, 3, 3])).toBeNull();
});
