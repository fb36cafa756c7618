import type { DataBunch } from "../data/databunch.ts";
import type { ModelSpec, Precision } from "../inference/model-spec.ts";
import type { SegmentationModel } from "../models/model.ts";
import { loadState, type StateDict } from "../nn/state.ts";
import { encodeModel, type GraphProto, readsOf } from "../onnx/schema.ts";
import { ConfigError } from "../util/errors.ts";
import { calibrate, type Calibration, type Pictures } from "./calibrate.ts";
import { compareWithModel, checkedSizes, type ExportCheck } from "./compare.ts";
import { declared, idsName, type PixelLayout, pixelsName, withArgMax, withUint8Input } from "./ends.ts";
import { type QuantisationLimits, requireFaithful } from "./faithful.ts";
import { inHalf } from "./half.ts";
import { type LabelledPictures, measure, type Measured } from "./measure.ts";
import { type ExportOrigin, metadata } from "./metadata.ts";
import { logitsName, networkGraph, pixelValues } from "./network.ts";
import { defaultOpset, inOpset, irVersionOf } from "./opset.ts";
import { type ProgramLoader, requireProcessor } from "./program-loader.ts";
import { quantised } from "./quantize.ts";

/** What is exported: a network, its weights, and what its classes and pictures are. */
export interface ExportSource {
  readonly model: SegmentationModel;
  readonly state: StateDict;
  readonly data: Pick<DataBunch, "classes" | "voidIndex" | "palette" | "size" | "stats">;
  readonly origin?: ExportOrigin;
}

/** What a file is to be like. */
export interface ExportOptions extends QuantisationLimits {
  /** Default fp32; fp16 has half the size, for GPUs; int8 a quarter, for processors. */
  readonly precision?: Precision;
  /** Whether the file gives `ids`, the class of every pixel, instead of `logits`; default false. */
  readonly argMax?: boolean;
  /** Whether the file takes uint8 pixels and normalises them itself; true is "NHWC", as a canvas has them. Default false. */
  readonly uint8Input?: boolean | PixelLayout;
  /** The version of ONNX's operators, 13 to 23; default 18. */
  readonly opset?: number;
  /** For int8: pictures whose values tell what 8 bits must hold; some dozen of the kind that it was trained on. */
  readonly calibration?: Pictures;
  /** Told how many sizes of how many the file has been compared with the live model at. */
  readonly onCheck?: (done: number, total: number) => void;
  /** For int8: labelled pictures to measure the file on, beside the network before quantisation; default some to calibrate with. */
  readonly validation?: LabelledPictures;
}

/** An exported model. */
export interface ExportedModel {
  /** The ONNX file. */
  readonly bytes: Uint8Array;
  /** What the file says of itself. */
  readonly spec: ModelSpec;
  /** How it compares with the live model, size by size. */
  readonly checks: readonly ExportCheck[];
  /** Of int8: the agreement of the network before and after quantisation, and their mean IoU where there was a `validation`. */
  readonly measured?: Measured<"fp32" | "int8">;
}

/**
 * Writes a model as one ONNX file, for any batch, height and width, and runs it beside the live model at several sizes.
 * Throws a CorruptFileError where they differ, a QualityError where quantising costs more than it may, a ConfigError for options
 * or weights that do not fit.
 */
export async function exportModel(
  source: ExportSource,
  loader: ProgramLoader,
  options: ExportOptions = {},
): Promise<ExportedModel> {
  const { opset = defaultOpset } = options;
  irVersionOf(opset);
  requireProcessor(loader);
  const { model, data, origin = {} } = source;
  const state = loadState(model, source.state);
  const spec = specOf(source, options);
  const network = declared(await networkGraph(model, state, loader), data.classes.length);
  const { graph: precise, pictures } = await inPrecision(network, options, loader);
  const bytes = fileOf(inOpset(withEnds(precise, spec), opset), opset, metadata(spec, origin));
  const checks: ExportCheck[] = [];
  const sizes = checkedSizes(spec);
  options.onCheck?.(0, sizes.length);
  for (const size of sizes) {
    checks.push(await compareWithModel({ bytes, spec }, { model, state }, size, loader));
    options.onCheck?.(checks.length, sizes.length);
  }
  if (!pictures) return { bytes, spec, checks };
  const networks = { fp32: fileOf(network), int8: fileOf(precise) };
  const classes = { classes: data.classes.length, voidIndex: data.voidIndex };
  const measured = await measure(networks, classes, options.validation ?? pictures, loader);
  requireFaithful(measured, options);
  return { bytes, spec, checks, measured };
}

/** The network in a precision; of a quantised one also pictures to compare it on. */
async function inPrecision(
  network: GraphProto,
  { precision = "fp32", calibration }: ExportOptions,
  loader: ProgramLoader,
): Promise<{ readonly graph: GraphProto; readonly pictures?: Calibration["pictures"] }> {
  if (precision === "fp32") return { graph: network };
  if (precision === "fp16") return { graph: inHalf(network) };
  if (!calibration)
    throw new ConfigError("export: int8 needs pictures to measure the network's values on", {
      hint: "Give them as calibration, such as data.train.batches(0), or export fp16.",
    });
  const { ranges, pictures } = await calibrate(network, calibration, loader);
  return { graph: quantised(network, ranges), pictures };
}

function fileOf(graph: GraphProto, opset = defaultOpset, described: ReturnType<typeof metadata> = {}): Uint8Array {
  const read = new Set(graph.node.flatMap(readsOf));
  return encodeModel({
    ...{ irVersion: irVersionOf(opset), producerName: "segkit", opsetImport: [{ domain: "", version: opset }] },
    ...described,
    graph: { ...graph, initializer: graph.initializer.filter(({ name }) => read.has(name)) },
  });
}

function withEnds(network: GraphProto, { input, output, stats }: ModelSpec): GraphProto {
  const graph = output.kind === "ids" ? withArgMax(network) : network;
  return input.dtype === "uint8" ? withUint8Input(graph, stats, input.layout) : graph;
}

function specOf({ model, data, origin }: ExportSource, options: ExportOptions): ModelSpec {
  const { precision = "fp32", argMax = false, uint8Input = false } = options;
  const layout = uint8Input === "NCHW" || !uint8Input ? "NCHW" : "NHWC";
  return {
    format: 1,
    names: [...data.classes],
    colors: data.palette.map(([r, g, b]) => [r, g, b]),
    ignoreIndex: data.voidIndex,
    stats: { mean: [...data.stats.mean], std: [...data.stats.std] },
    resize: {
      size: [...data.size],
      minimum: model.minimumSize,
      mode: "squish",
      interpolation: "bilinear-align-corners",
    },
    input: uint8Input ? { name: pixelsName, dtype: "uint8", layout } : { name: pixelValues, dtype: "float32", layout },
    output: argMax ? { name: idsName, kind: "ids" } : { name: logitsName, kind: "logits" },
    precision,
    run: origin?.run ?? null,
    dataset: origin?.dataset ?? null,
  };
}
