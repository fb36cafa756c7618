import type { ChannelStats } from "../data/transforms/normalize.ts";
import { channelScale } from "../data/transforms/normalize.ts";
import { attribute, elementTypes } from "../onnx/builder.ts";
import type { Dimension, GraphProto, NodeProto, TensorProto, ValueInfoProto } from "../onnx/schema.ts";
import { logitsName, pixelValues } from "./network.ts";

/** How uint8 pixels lie in memory: as canvas, sharp and OpenCV have them, or channel by channel. */
export type PixelLayout = "NHWC" | "NCHW";

/** Names of what an exported file takes and gives instead of `pixel_values` and `logits`. */
export const [pixelsName, idsName] = ["pixels", "ids"];

/** The graph with uint8 pixels 0–255, red, green, blue, as its input `pixels`: it normalises them itself. */
export function withUint8Input(graph: GraphProto, stats: ChannelStats, layout: PixelLayout): GraphProto {
  const { scale, shift } = channelScale(stats, 255);
  const along = layout === "NHWC" ? [3] : [3, 1, 1];
  const [scaled, moved] = [floats("pixel_scale", scale, along), floats("pixel_shift", shift, along)];
  const normalised = layout === "NHWC" ? "pixels_normalised" : pixelValues;
  const node = [
    nodeOf("Cast", "pixels_cast", [pixelsName], ["pixels_float"], { to: elementTypes.float32 }),
    nodeOf("Mul", "pixels_scale", ["pixels_float", scaled.name], ["pixels_scaled"]),
    nodeOf("Add", "pixels_shift", ["pixels_scaled", moved.name], [normalised]),
    ...(layout === "NHWC"
      ? [nodeOf("Transpose", "pixels_nchw", [normalised], [pixelValues], { perm: [0, 3, 1, 2] })]
      : []),
  ];
  return {
    ...graph,
    initializer: [...graph.initializer, scaled, moved],
    node: [...node, ...graph.node],
    input: [picture(pixelsName, "uint8", layout)],
  };
}

/** The graph with the best class of every pixel as its output `ids`, uint8 [N, H, W]; of equal ones the first. */
export function withArgMax(graph: GraphProto): GraphProto {
  return {
    ...graph,
    node: [
      ...graph.node,
      nodeOf("ArgMax", "best_class", [logitsName], ["ids_int64"], { axis: 1, keepdims: 0 }),
      nodeOf("Cast", "best_class_cast", ["ids_int64"], [idsName], { to: elementTypes.uint8 }),
    ],
    output: [valueInfo(idsName, "uint8", [named("batch"), named("height"), named("width")])],
  };
}

/** The graph's input and output as its file declares them: batch, height and width by name. */
export function declared(graph: GraphProto, classes: number): GraphProto {
  const sizes = [named("batch"), fixed(classes), named("height"), named("width")];
  return {
    ...graph,
    input: [picture(pixelValues, "float32", "NCHW")],
    output: [valueInfo(logitsName, "float32", sizes)],
  };
}

/** A picture as ONNX's type denotations describe it. */
function picture(name: string, dtype: "float32" | "uint8", layout: PixelLayout): ValueInfoProto {
  const channel = fixed(3, "DATA_CHANNEL");
  const [height, width] = [named("height", "DATA_FEATURE"), named("width", "DATA_FEATURE")];
  const sizes = layout === "NCHW" ? [channel, height, width] : [height, width, channel];
  const info = valueInfo(name, dtype, [named("batch", "DATA_BATCH"), ...sizes]);
  return { ...info, type: { ...info.type, denotation: "IMAGE" } };
}

function valueInfo(name: string, dtype: "float32" | "uint8", dim: Dimension[]): ValueInfoProto {
  return { name, type: { tensorType: { elemType: elementTypes[dtype], shape: { dim } } } };
}

function fixed(dimValue: number, denotation?: string): Dimension {
  return { dimValue, ...(denotation !== undefined && { denotation }) };
}

/** A size that is known by its name alone: then the message has no dimValue. */
function named(dimParam: string, denotation?: string): Dimension {
  return { dimParam, ...(denotation !== undefined && { denotation }) } as Dimension;
}

export function nodeOf(
  opType: string,
  name: string,
  input: string[],
  output: string[],
  attributes: Parameters<typeof attributesOf>[0] = {},
): NodeProto {
  return { name, opType, input, output, attribute: attributesOf(attributes) };
}

function attributesOf(attributes: Readonly<Record<string, Parameters<typeof attribute>[1]>>) {
  return Object.entries(attributes).map(([name, value]) => attribute(name, value));
}

function floats(name: string, values: readonly number[], dims: readonly number[]): TensorProto {
  return { name, dims, dataType: elementTypes.float32, rawData: new Uint8Array(Float32Array.from(values).buffer) };
}
