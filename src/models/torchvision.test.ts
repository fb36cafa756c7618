import { expect, test } from "vitest";
import golden from "../../test/golden/unet_arch.json" with { type: "json" };
import { TinyEncoder } from "../../test/support/tiny-encoder.ts";
import { initialState } from "../nn/state.ts";
import type { StoredTensor } from "../nn/safetensors.ts";
import { Random } from "../util/random.ts";
import { ResNet } from "./encoders/resnet.ts";
import { fromTorchvision, toTorchvision } from "./torchvision.ts";
import { unet } from "./unet/unet.ts";

const model = unet({ encoder: new ResNet([1, 2, 1, 1]), classes: 2 });
const state = initialState(model, new Random(1));
const encoderOnly = new Map([...state].filter(([name]) => name.startsWith("layers.0.")));

test("the names are torchvision's", () => {
  const names = [...toTorchvision(model, state).keys()];
  expect(new Set(names.map((name) => name.split(".")[0]))).toEqual(new Set(Object.values(golden.torchvision_mapping)));
  expect(names).toContain("bn1.running_var");
  expect(names).toContain("layer2.0.downsample.0.weight");
  expect(names).toContain("layer2.1.conv2.weight");
});

test("weights come back as they went, the classifier left out", () => {
  const exported = new Map<string, StoredTensor>(toTorchvision(model, state));
  exported.set("fc.weight", { dtype: "F32", shape: [1000, 512], data: new Float32Array(512_000) });
  exported.set("bn1.num_batches_tracked", { dtype: "I64", shape: [], data: BigInt64Array.of(0n) });
  expect(fromTorchvision(model, exported)).toEqual(encoderOnly);
});

test("weights of another network", () => {
  const exported = toTorchvision(model, state);
  exported.delete("layer1.0.conv2.weight");
  expect(() => fromTorchvision(model, exported)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: load: the weights do not fit the model: 1 missing (4.0.conv2.weight)]`,
  );
  const tiny = unet({ encoder: new TinyEncoder(), classes: 2 });
  expect(() => fromTorchvision(tiny, exported)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: torchvision: it has no network like this encoder]`,
  );
});
