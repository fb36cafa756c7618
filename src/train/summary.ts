import type { Shape } from "../graph/shape.ts";
import { input } from "../graph/tensor.ts";
import type { SegmentationModel } from "../models/model.ts";
import { evaluation, Layer, Module, namedParameters } from "../nn/module.ts";
import { Parameter } from "../nn/parameter.ts";

/** One layer of a model. */
export interface LayerSummary {
  /** Its state-dict name. */
  readonly name: string;
  /** The class it is of, such as Conv2d. */
  readonly type: string;
  /** Of what it gives for one picture: [channels, height, width]; null for a part that no tensor passes through. */
  readonly outputShape: Shape | null;
  /** Values of its own parameters, those of its parts not counted. */
  readonly parameters: number;
  /** Whether they train, or some of them do; null where there are none. */
  readonly trainable: boolean | null;
}

export interface ModelSummary {
  /** In the order a picture passes through them. Activations inside a block are part of it and not listed. */
  readonly layers: readonly LayerSummary[];
  readonly parameters: number;
  readonly trainableParameters: number;
}

/**
 * What a model is made of, with shapes from a pass of one picture of `size` through the graph, which computes nothing.
 * @param trainable names of the parameters that train; all where left out.
 * @throws ConfigError for a size below the model's least.
 */
export function summarize(
  model: SegmentationModel,
  size: readonly [height: number, width: number],
  trainable?: ReadonlySet<string>,
): ModelSummary {
  const parts = partsOf(model);
  const shapes = outputShapes(model, size, parts);
  const trains = (name: string): boolean => trainable?.has(name) ?? true;
  const position = new Map([...shapes.keys()].map((part, i) => [part, i]));
  const layers = parts
    .toSorted((a, b) => (position.get(a.part) ?? Infinity) - (position.get(b.part) ?? Infinity) || 0)
    .map(({ name, part, own }): LayerSummary => ({
      ...{ name, type: part.constructor.name, outputShape: shapes.get(part)?.slice(1) ?? null },
      parameters: own.reduce((sum, [, parameter]) => sum + parameter.tensor.size, 0),
      trainable: own.length === 0 ? null : own.some(([parameterName]) => trains(parameterName)),
    }));
  const all = namedParameters(model);
  const count = (some: typeof all): number => some.reduce((sum, [, parameter]) => sum + parameter.tensor.size, 0);
  return { layers, parameters: count(all), trainableParameters: count(all.filter(([name]) => trains(name))) };
}

/** A part with parameters of its own, or one without parts. */
interface Part {
  readonly name: string;
  readonly part: Module;
  readonly own: readonly (readonly [name: string, parameter: Parameter])[];
}

function partsOf(module: Module, prefix = ""): Part[] {
  const members = Object.entries(module.members()).map(([name, member]) => [`${prefix}${name}`, member] as const);
  const own = members.filter((entry): entry is [string, Parameter] => entry[1] instanceof Parameter);
  const inner = members.flatMap(([name, member]) => (member instanceof Module ? partsOf(member, `${name}.`) : []));
  const listed = own.length > 0 || (inner.length === 0 && module instanceof Layer);
  return [...(listed ? [{ name: prefix.replace(/\.$/, ""), part: module, own }] : []), ...inner];
}

/** The shape each layer gives, in the order they run: `forward` tells of it for the time of one pass. */
function outputShapes(
  model: SegmentationModel,
  [height, width]: readonly [number, number],
  parts: readonly Part[],
): Map<Module, Shape> {
  const shapes = new Map<Module, Shape>();
  const layers = parts.map(({ part }) => part).filter((part) => part instanceof Layer);
  for (const layer of layers)
    layer.forward = (x, context) => {
      const y = Object.getPrototypeOf(layer).forward.call(layer, x, context);
      shapes.set(layer, y.shape);
      return y;
    };
  try {
    model.forward(input("images", [1, model.encoder.inputChannels, height, width]), evaluation);
  } finally {
    for (const layer of layers) delete (layer as { forward?: unknown }).forward;
  }
  return shapes;
}

/** What is said below the table. */
export interface SummaryNotes {
  readonly weightDecay: string;
  readonly loss: string;
  /** Names of what is told of every fit. */
  readonly callbacks: readonly string[];
  /** From which layer group on, of how many, parameters train. */
  readonly trainedFrom: readonly [group: number, groups: number];
  /** What it trains on. */
  readonly engine: string;
}

/** The summary as a table of text, with what the model trains with below (fastai's `learn.summary()`). */
export function summaryText({ layers, parameters, trainableParameters }: ModelSummary, notes: SummaryNotes): string {
  const rows = [
    ["Layer (type)", "Output Shape", "Param #", "Trainable"],
    ...layers.map(({ type, outputShape, parameters: own, trainable }) => [
      type,
      outputShape === null ? "–" : `[${outputShape.join(", ")}]`,
      own.toLocaleString("en-US"),
      trainable === null ? "" : trainable ? "yes" : "no",
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = ([type = "", shape = "", count = "", trains = ""]: readonly string[]): string =>
    `${type.padEnd(widths[0]!)}  ${shape.padEnd(widths[1]!)}  ${count.padStart(widths[2]!)}  ${trains}`.trimEnd();
  const rule = "=".repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  const [heading, ...body] = rows.map(line);
  const [from, groups] = notes.trainedFrom;
  return [
    ...[rule, heading, rule, ...body, rule],
    `Total params: ${parameters.toLocaleString("en-US")}`,
    `Total trainable params: ${trainableParameters.toLocaleString("en-US")}`,
    `Total non-trainable params: ${(parameters - trainableParameters).toLocaleString("en-US")}`,
    `Layer groups: ${groups}, ${from === 0 ? "all of them train" : `those from ${from} on train`}`,
    `Weight decay: ${notes.weightDecay}`,
    `Loss: ${notes.loss}`,
    `Callbacks: ${notes.callbacks.join(", ") || "none"}`,
    `Engine: ${notes.engine}`,
  ].join("\n");
}
