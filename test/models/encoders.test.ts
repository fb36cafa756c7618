import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { input } from "../../src/graph/tensor.ts";
import { type EncoderName, encoders } from "../../src/models/encoders/index.ts";
import { layerGroups } from "../../src/models/layer-groups.ts";
import { unet } from "../../src/models/unet/unet.ts";
import { evaluation, namedLeaves, parameterCount, stateTensors } from "../../src/nn/module.ts";
import { compile } from "../../src/runtime/compile.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";
import golden from "../golden/encoders.json" with { type: "json" };
import { fill, goldenState } from "../support/hash-fill.ts";
import { valuesOf } from "../support/model-programs.ts";
import { expectSummary } from "./golden.ts";

const runtime = openRuntime({ backend: "cpu", threads: 2 });
const names = Object.keys(encoders) as EncoderName[];

/** A digest of names and shapes, as scripts/golden_encoders.py makes it. */
function digest(name: EncoderName, rename: (own: string) => string): string {
  const lines = namedLeaves(encoders[name]()).map(([own, { shape }]) => `${rename(own)} ${shape.join("x")}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}

describe.each(names)("%s", (name) => {
  const study = golden.encoders[name];

  test("parameters have the published names, shapes and order, and their number", () => {
    const encoder = encoders[name]();
    const [first] = encoder.published;
    const own = namedLeaves(encoder).map(([leaf]) => first!.rename(leaf));
    expect([own[0], own.at(-1)]).toEqual([study.first_name, study.last_name]);
    expect(digest(name, first!.rename)).toBe(study.names_sha256);
    expect(parameterCount(encoder)).toBe(study.whole_network_parameters - study.classifier_parameters);
  });

  test.each(Object.entries(study.features))("features of a %s picture are PyTorch's", async (size, features) => {
    const [h, w] = size.split("x").map(Number) as [number, number];
    const encoder = encoders[name]();
    const x = input("x", [1, 3, h, w]);
    const outputs = Object.fromEntries(encoder.features(x, evaluation).entries());
    const program = await compile(await runtime, { inputs: { ...stateTensors(encoder), x }, outputs });
    const pictures = fill(3 * h * w, 9999, (u) => 4 * u - 2);
    const results = await program.run({ ...valuesOf(goldenState(encoder)), x: pictures });
    await program.release();
    for (const [i, feature] of features.entries()) {
      expect(outputs[i]!.shape).toEqual(feature.shape);
      expectSummary(`feature ${i}`, results[i] as Float32Array, feature, 1e-4);
    }
  });

  test("the second layer group begins where pictures are 1/16 of their size", () => {
    const model = unet({ encoder: name, classes: 3 });
    const groups = layerGroups(model);
    expect(groups).toHaveLength(3);
    expect(groups[1]![0]!.name).toMatch(new RegExp(`^layers\\.0\\.${model.encoder.secondGroup}\\.`));
  });
});

test("the other names of EfficientNet-Lite0 are those of efficientnet_lite_pytorch", () => {
  const [, flat] = encoders.efficientnetLite0().published;
  expect(digest("efficientnetLite0", flat!.rename)).toBe(golden.encoders.efficientnetLite0.flat_names_sha256);
});

test.each<[EncoderName, number, number]>([
  ["resnet18", 32, 31_116_008],
  ["resnet34", 32, 41_224_168],
  ["resnet50", 32, 339_078_760],
  ["resnet101", 32, 358_070_888],
])("the U-Net over %s with %i classes has %i parameters", (encoder, classes, count) => {
  expect(parameterCount(unet({ encoder, classes }))).toBe(count);
});
