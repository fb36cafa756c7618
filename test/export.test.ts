/** @file Exported ONNX files: they give what the live model gives, at every size, and say what they are. */
import { beforeAll, describe, expect, test } from "vitest";
import { relu } from "../src/graph/ops/activation.ts";
import { expand, reshape } from "../src/graph/ops/movement.ts";
import { resize } from "../src/graph/ops/resize.ts";
import { conv2d } from "../src/graph/ops/conv.ts";
import { constant, type Tensor } from "../src/graph/tensor.ts";
import { compareWithModel } from "../src/export/compare.ts";
import { type ExportOptions, exportModel, type ExportSource } from "../src/export/export-model.ts";
import { huggingFaceFiles } from "../src/export/huggingface.ts";
import { opsets } from "../src/export/opset.ts";
import { decodeSpec, specKey } from "../src/inference/model-spec.ts";
import type { SegmentationModel } from "../src/models/model.ts";
import { unet, type UnetOptions } from "../src/models/unet/unet.ts";
import { initialState } from "../src/nn/state.ts";
import { decodeModel, encodeModel } from "../src/onnx/schema.ts";
import { openRuntime } from "../src/runtime/ort.node.ts";
import type { Runtime } from "../src/runtime/runtime.ts";
import { Random } from "../src/util/random.ts";
import { SmallLoader, SmallModel, smallLearner } from "./support/small-learner.ts";
import { ToyModel } from "./support/toy-learner.ts";

let runtime: Runtime;
beforeAll(async () => {
  runtime = await openRuntime({ backend: "cpu", threads: 2 });
});

function sourceOf(model: SegmentationModel): ExportSource {
  const classes = Array.from({ length: model.classes }, (_, i) => `class ${i}`);
  const stats = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3] } as const;
  const palette = classes.map((_, i) => [i, 2 * i, 3 * i] as const);
  const data = { classes, voidIndex: 2, palette, size: [32, 40], stats } as const;
  return { model, state: initialState(model, new Random(1)), data };
}

const exported = (model: SegmentationModel, options: ExportOptions = {}, on = runtime) =>
  exportModel(sourceOf(model), on, options);
const small = (options: Partial<UnetOptions> = {}) => unet({ encoder: "mobilenetV3Large", classes: 3, ...options });

describe("an exported network gives the live one's logits, at odd sizes too", () => {
  test.each<[string, Partial<UnetOptions>]>([
    ["resnet18", { encoder: "resnet18", bottle: true }],
    ["weight norm and a range", { normType: "weight", yRange: [-1, 1] }],
    ["TensorFlow's padding", { encoder: "efficientnetLite0" }],
    ["squeeze and excitation", {}],
    ["attention, blur, spectral norm", { blur: true, selfAttention: true, normType: "spectral" }],
    ["batch norm in the decoder", { normType: "batch", lastCross: false }],
  ])("%s", async (_, options) => {
    const { checks } = await exported(small(options));
    expect(checks.map(({ size }) => size)).toEqual([
      [1, 32, 40],
      [1, 32, 47],
      [2, 65, 95],
    ]);
    for (const { difference, agreement } of checks) {
      expect(difference).toBeLessThan(2e-4);
      expect(agreement).toBeGreaterThan(0.999);
    }
  });

  test("and at sizes that are none of those compared", async () => {
    const model = unet({ encoder: "efficientnetLite0", classes: 3, blur: true });
    const [source, file] = [sourceOf(model), await exported(model)];
    for (const size of [
      [1, 33, 64],
      [1, 64, 33],
      [3, 50, 51],
      [1, 127, 34],
    ] as const)
      expect((await compareWithModel(file, source, size, runtime)).difference, size.join("×")).toBeLessThan(2e-5);
  });

  test("by other resizes: to the nearest pixel, and smoothly", async () => {
    for (const mode of ["nearest", "bilinear", "bilinear-align-corners"] as const) {
      const model = new ToyModel(3, (x) => {
        const third = conv2d(x, constant(new Float32Array(81).fill(0.1), [3, 3, 3, 3]), null, { stride: 3 });
        return resize(relu(third), [x.shape[2]!, x.shape[3]!], mode);
      });
      Object.defineProperty(model, "minimumSize", { value: 16 });
      for (const { difference } of (await exported(model)).checks) expect(difference, mode).toBeLessThan(2e-5);
    }
  });
});

test("a model that holds a size is refused: in words where that can be seen, by comparison otherwise", async () => {
  const pixels = (x: Tensor): number => x.shape[2]! * x.shape[3]!;
  const folds = new ToyModel(3, (x) => reshape(relu(reshape(x, [x.size])), x.shape));
  await expect(exported(folds)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: export: a reshape of float32[1, 3, 3, 4] to [36] is not known at other sizes]`,
  );
  const counts = new ToyModel(3, (x) => expand(constant(Float32Array.of(pixels(x)), [1, 1, 1, 1]), x.shape));
  await expect(exported(counts)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[CorruptFileError: export: the file does not run at 32×40 pixels: Got invalid dimensions for output: logits for the following indices]`,
  );
  const copying = await openRuntime({ backend: "cpu", threads: 2, uncopied: false });
  await expect(exported(counts, {}, copying)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[CorruptFileError: export: at 32×40 pixels the file gives 36 numbers instead of 3840]`,
  );
});

describe("options", () => {
  let plain: number | undefined;
  test.each<ExportOptions>([
    { precision: "fp16" },
    { precision: "fp16", uint8Input: true, argMax: true },
    { uint8Input: "NCHW", opset: 13 },
    { argMax: true, opset: 21 },
  ])("%o", async (options) => {
    const { bytes, spec, checks } = await exported(small({ blur: true }), options);
    for (const { agreement } of checks) expect(agreement).toBeGreaterThan(0.99);
    plain ??= (await exported(small({ blur: true }))).bytes.length;
    expect(bytes.length / plain).toBeCloseTo(options.precision === "fp16" ? 0.5 : 1, 1);
    const { graph, opsetImport } = decodeModel(bytes);
    expect(opsetImport).toEqual([{ domain: "", version: options.opset ?? 18 }]);
    expect(graph.input.map(({ name }) => name)).toEqual([options.uint8Input ? "pixels" : "pixel_values"]);
    expect(graph.output.map(({ name }) => name)).toEqual([options.argMax ? "ids" : "logits"]);
    expect([spec.input.name, spec.output.name]).toEqual([graph.input[0]!.name, graph.output[0]!.name]);
  });

  test("the first, the last and an old opset load and give the same", async () => {
    for (const opset of [opsets[0]!, 17, opsets.at(-1)!])
      for (const { difference } of (await exported(small({ bottle: true }), { opset })).checks)
        expect(difference, String(opset)).toBeLessThan(2e-5);
  });

  test("an opset that cannot be written", async () => {
    await expect(exported(new SmallModel(), { opset: 12 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: export: expected an opset from 13 to 23, but received 12]`,
    );
  });
});

test("batch norms next to convolutions are gone, and nothing is left over that no node reads", async () => {
  const { graph } = decodeModel((await exported(small({ encoder: "efficientnetLite0" }))).bytes);
  const count = (opType: string): number => graph.node.filter((node) => node.opType === opType).length;
  // The four that stay read what others read too: the encoder's features.
  expect([count("Conv"), count("BatchNormalization")]).toEqual([66, 4]);
  const read = new Set(graph.node.flatMap(({ input }) => input));
  expect(graph.initializer.filter(({ name }) => !read.has(name))).toEqual([]);
});

test("the file says what it is: sizes by name, the keys that others read, and all of it as JSON", async () => {
  const origin = { run: "first", dataset: "abc", author: "Ada", date: "2026-01-02T03:04:05Z", version: "9.9.9" };
  const { bytes, spec } = await exportModel({ ...sourceOf(small()), origin }, runtime, { uint8Input: true });
  const { graph, metadataProps = [], producerName, producerVersion, docString } = decodeModel(bytes);
  expect([producerName, producerVersion, docString]).toEqual([
    ...["segkit", "9.9.9", "Semantic segmentation with 3 classes, trained with segkit"],
  ]);
  const sizes = graph.input[0]!.type.tensorType.shape.dim.map(({ dimParam, dimValue }) => dimParam || dimValue);
  expect([graph.input[0]!.type.denotation, sizes]).toEqual(["IMAGE", ["batch", "height", "width", 3]]);
  const { [specKey]: text, ...keys } = Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
  expect(keys).toMatchInlineSnapshot(`
    {
      "Image.BitmapPixelFormat": "Rgb8",
      "Image.ColorSpaceGamma": "SRGB",
      "Image.NominalPixelRange": "NominalRange_0_255",
      "author": "Ada",
      "channels": "3",
      "date": "2026-01-02T03:04:05Z",
      "description": "Semantic segmentation with 3 classes, trained with segkit",
      "imgsz": "[32,40]",
      "names": "{"0":"class 0","1":"class 1","2":"class 2"}",
      "stride": "1",
      "task": "semantic",
      "version": "9.9.9",
    }
  `);
  expect(decodeSpec(text)).toEqual(spec);
  expect(spec).toMatchInlineSnapshot(`
    {
      "colors": [
        [
          0,
          0,
          0,
        ],
        [
          1,
          2,
          3,
        ],
        [
          2,
          4,
          6,
        ],
      ],
      "dataset": "abc",
      "format": 1,
      "ignoreIndex": 2,
      "input": {
        "dtype": "uint8",
        "layout": "NHWC",
        "name": "pixels",
      },
      "names": [
        "class 0",
        "class 1",
        "class 2",
      ],
      "output": {
        "kind": "logits",
        "name": "logits",
      },
      "precision": "fp32",
      "resize": {
        "interpolation": "bilinear-align-corners",
        "minimum": 32,
        "mode": "squish",
        "size": [
          32,
          40,
        ],
      },
      "run": "first",
      "stats": {
        "mean": [
          0.5,
          0.4,
          0.3,
        ],
        "std": [
          0.2,
          0.25,
          0.3,
        ],
      },
    }
  `);
});

test("a file that differs from the model is an error that says where and by how much", async () => {
  const model = new SmallModel({ norm: true });
  const [source, { bytes, spec }] = [sourceOf(model), await exported(model)];
  const file = decodeModel(bytes);
  const weight = file.graph.initializer.find(({ dims }) => dims.length === 4)!;
  weight.rawData = Uint8Array.from(weight.rawData!, (byte, i) => (i % 4 === 3 && i < 40 ? byte ^ 0x80 : byte));
  const wrong = { bytes: encodeModel({ ...file, graph: { ...file.graph } }), spec };
  await expect(compareWithModel({ bytes, spec }, source, [1, 5, 6], runtime)).resolves.toMatchObject({ agreement: 1 });
  await expect(compareWithModel(wrong, source, [1, 5, 6], runtime)).rejects.toThrow(
    /^export: at 5×6 pixels the file's logits differ from the model's by 0\.\d+ of the largest logit, more than 0.001$/,
  );
});

describe("int8", () => {
  test("holds values in 8 bits, weights in 7, and is measured beside fp32", async () => {
    const learner = await smallLearner({ model: new SmallModel({ norm: true }), seed: 3 });
    await learner.fitOneCycle(12, 2e-2);
    const { measured, spec, bytes } = await learner.export("small.onnx", { precision: "int8" });
    await learner.close();
    expect(spec.precision).toBe("int8");
    expect(measured).toMatchObject({ pictures: 4 });
    const { meanIou, agreement } = measured!;
    expect(meanIou!.fp32).toBeGreaterThan(0.5);
    expect(Math.abs(meanIou!.fp32 - meanIou!.int8)).toBeLessThan(0.02);
    expect(agreement).toBeGreaterThan(0.9);
    const { graph } = decodeModel(bytes);
    const weights = graph.initializer.filter(({ dataType }) => dataType === 3).map(({ rawData }) => rawData!);
    const numbers = weights.flatMap((data) => [...new Int8Array(Uint8Array.from(data).buffer)]);
    expect([Math.min(...numbers), Math.max(...numbers)]).toEqual([-64, 64]);
    // The picture, two convolutions and what they are joined to; not the logits.
    const quantized = graph.node.filter(({ opType }) => opType === "QuantizeLinear").map(({ input }) => input[0]);
    expect(quantized).toEqual(["pixel_values", "Relu_0", "Relu_1", "Concat_0"]);
  });

  test("that costs more than it may is no file, unless that is accepted; without labels, agreement is told", async () => {
    const model = new SmallModel({ norm: true });
    const loader = new SmallLoader(3, 4, 1, false);
    const options = { precision: "int8", calibration: loader.batches(0), validation: loader.batches(0) } as const;
    const limits = { minAgreement: 0, maxIouLoss: -1 };
    const again = (more: ExportOptions): Promise<unknown> =>
      exported(model, { ...options, calibration: loader.batches(0), validation: loader.batches(0), ...more });
    await expect(exported(model, { ...options, minAgreement: 1.1 })).rejects.toMatchObject({
      exitCode: 6,
      message: expect.stringMatching(
        /^export: int8 gives \d+\.\d\d % of the pixels the class that fp32 gives them, on 12 pictures, below 110.* %$/,
      ) as string,
    });
    await expect(again(limits)).rejects.toThrow(
      /^export: int8 loses -?0\.\d{4} of mean IoU \(0\.\d{4} to 0\.\d{4}\) on 12 pictures, more than -1$/,
    );
    const accepted = { minAgreement: 0, maxIouLoss: 1 };
    const { measured } = await exported(model, { precision: "int8", calibration: loader.batches(0), ...accepted });
    expect(measured).toEqual({ meanIou: null, pictures: 8, agreement: expect.any(Number) as number });
    expect(measured!.agreement).toBeGreaterThan(0.5);
  });

  test("needs pictures", async () => {
    await expect(exported(new SmallModel(), { precision: "int8" })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: export: int8 needs pictures to measure the network's values on]`,
    );
    const none = new SmallLoader(0, 1, 1, false).batches(0);
    await expect(
      exported(new SmallModel(), { precision: "int8", calibration: none }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: export: int8 needs pictures to measure the network's values on, but received none]`,
    );
  });
});

test("a learner writes the file where its files are", async () => {
  const learner = await smallLearner({ path: "work" });
  const { bytes, checks } = await learner.export();
  expect(checks).toHaveLength(3);
  expect(Buffer.compare(await learner.host!.read("work/model.onnx"), bytes)).toBe(0);
  await learner.close();
});

test("the folder for Transformers.js", async () => {
  const model = new SmallModel();
  const files = huggingFaceFiles(await exported(model));
  expect(Object.keys(files)).toEqual(["config.json", "preprocessor_config.json", "README.md", "onnx/model.onnx"]);
  expect(JSON.parse(String(files["config.json"]))).toMatchInlineSnapshot(`
    {
      "architectures": [
        "SegformerForSemanticSegmentation",
      ],
      "id2label": {
        "0": "class 0",
        "1": "class 1",
        "2": "class 2",
      },
      "label2id": {
        "class 0": 0,
        "class 1": 1,
        "class 2": 2,
      },
      "model_type": "segformer",
      "num_labels": 3,
      "transformers.js_config": {
        "dtype": "fp32",
      },
    }
  `);
  expect(JSON.parse(String(files["preprocessor_config.json"]))).toMatchInlineSnapshot(`
    {
      "do_normalize": true,
      "do_reduce_labels": false,
      "do_rescale": true,
      "do_resize": true,
      "image_mean": [
        0.5,
        0.4,
        0.3,
      ],
      "image_processor_type": "SegformerImageProcessor",
      "image_std": [
        0.2,
        0.25,
        0.3,
      ],
      "resample": 2,
      "rescale_factor": 0.00392156862745098,
      "size": {
        "height": 32,
        "width": 40,
      },
    }
  `);
  const ids = await exported(model, { argMax: true });
  expect(() => huggingFaceFiles(ids)).toThrowErrorMatchingInlineSnapshot(
    `[ConfigError: export: Transformers.js prepares pictures and chooses classes itself]`,
  );
});
