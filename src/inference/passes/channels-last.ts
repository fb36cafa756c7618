import type { Call } from "../../graph/op.ts";
import type { ConvAttrs } from "../../graph/ops/conv.ts";
import type { OpName } from "../../graph/ops/index.ts";
import { reshape } from "../../graph/ops/movement.ts";
import { argMax } from "../../graph/ops/reduce.ts";
import type { ResizeAttrs } from "../../graph/ops/resize.ts";
import { topological } from "../../graph/order.ts";
import { floatsOf, readersOf } from "../../graph/rewrite.ts";
import { sameShape } from "../../graph/shape.ts";
import { Tensor } from "../../graph/tensor.ts";
import {
  addRows,
  concatRows,
  onlyChannels,
  pickRows,
  type PixelRows,
  pictureOfRows,
  pointwiseRows,
  reluRows,
  resizeRows,
  rowsOfPicture,
} from "./pixel-rows.ts";
import { leastTiles, tilesOf, WinogradMemory, winogradRows } from "./winograd.ts";

/**
 * Convolutions of 3×3 with constant weights by Winograd's algorithm, on pictures that lie channels last, and what
 * stands between them in that layout too: 1×1 convolutions are matrix products, and pixel shuffles and nearest resizes
 * only say where a pixel lies. The rest of the graph stays as it is. Results differ by float32 rounding.
 * @param least tiles of 4×4 pixels from which a convolution is worth it.
 */
export function channelsLast<Outputs extends Readonly<Record<string, Tensor>>>(
  outputs: Outputs,
  least = leastTiles,
): Outputs {
  const layouts = new Layouts(readersOf(outputs), least);
  for (const tensor of topological(Object.values(outputs))) layouts.place(tensor);
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, layouts.picture(tensor)]),
  ) as Outputs;
}

/** With fewer channels, transforming takes longer than multiplying. */
const leastChannels = 32;

/** Makes a tensor as rows, when they are asked for. */
type Make = () => PixelRows;

/** How a call's result is made as rows; undefined where it is better left as it is. */
type Rule = (tensor: Tensor, call: Call, layouts: Layouts) => Make | undefined;

/** The layouts that tensors have been made in so far. */
class Layouts {
  readonly winograd = new WinogradMemory();
  readonly #readers: ReadonlyMap<Tensor, number>;
  readonly #leastTiles: number;
  readonly #makers = new Map<Tensor, Make>();
  readonly #rows = new Map<Tensor, PixelRows>();
  readonly #pictures = new Map<Tensor, Tensor>();

  constructor(readers: ReadonlyMap<Tensor, number>, least: number) {
    this.#readers = readers;
    this.#leastTiles = least;
  }

  /** Decides for the layout of a tensor whose operands are placed. */
  place(tensor: Tensor): void {
    const { source } = tensor;
    if (source.kind !== "call") return void this.#pictures.set(tensor, tensor);
    const { call } = source;
    const make = rules[call.op.type as OpName]?.(tensor, call, this);
    if (make) this.#makers.set(tensor, make);
    else this.#pictures.set(tensor, bestChannel(tensor, call, this) ?? this.#asItWas(tensor, call));
  }

  /** The tensor as it was, its operands replaced. */
  #asItWas(tensor: Tensor, call: Call): Tensor {
    const inputs = call.inputs.map((x) => x && this.picture(x));
    const same = inputs.every((x, i) => x === call.inputs[i]);
    return same ? tensor : new Tensor(tensor, { kind: "call", call: { ...call, inputs } });
  }

  picture(tensor: Tensor): Tensor {
    return computed(this.#pictures, tensor, () => pictureOfRows(this.rows(tensor)));
  }

  rows(tensor: Tensor): PixelRows {
    const make = this.#makers.get(tensor) ?? (() => rowsOfPicture(this.picture(tensor)));
    return computed(this.#rows, tensor, make);
  }

  /** Whether a tensor is made as rows. */
  has(tensor: Tensor): boolean {
    return this.#makers.has(tensor);
  }

  /** Whether a convolution is done by Winograd's algorithm: a large one of 3×3 with constant weights. */
  suitsWinograd(call: Call): boolean {
    const [n, , h, w] = call.inputs[0]!.shape as [number, number, number, number];
    const narrow = Math.min(...call.inputs[1]!.shape.slice(0, 2)) < leastChannels;
    return !narrow && constantConv(call) !== undefined && isConv(call, 3, 1) && tilesOf([n, h, w]) >= this.#leastTiles;
  }

  /** The call that makes a tensor which nobody else reads, if it is of this type. */
  only(tensor: Tensor, type: OpName): Call | undefined {
    const { source } = tensor;
    const fits = source.kind === "call" && source.call.op.type === type && this.#readers.get(tensor) === 1;
    return fits ? source.call : undefined;
  }
}

function computed<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

const rules: Partial<Record<OpName, Rule>> = {
  Conv: (_, call, layouts) => {
    if (layouts.suitsWinograd(call)) return winograd(call, layouts, false);
    return isPointwise(call) && layouts.has(call.inputs[0]!) ? pointwise(call, layouts) : undefined;
  },
  Relu: (_, { inputs: [x] }, layouts) => {
    const conv = layouts.only(x!, "Conv");
    if (conv && layouts.suitsWinograd(conv)) return winograd(conv, layouts, true);
    return layouts.has(x!) ? () => reluRows(layouts.rows(x!)) : undefined;
  },
  Add: (tensor, { inputs: [x, y] }, layouts) => {
    const fits = tensor.rank === 4 && sameShape(x!.shape, y!.shape) && (layouts.has(x!) || layouts.has(y!));
    return fits ? () => addRows(layouts.rows(x!), layouts.rows(y!)) : undefined;
  },
  Concat: (tensor, { inputs, attrs }, layouts) => {
    const fits = tensor.rank === 4 && (attrs as { axis: number }).axis === 1 && inputs.some((x) => layouts.has(x!));
    return fits ? () => concatRows(inputs.map((x) => layouts.rows(x!))) : undefined;
  },
  PixelShuffle: (_, { inputs: [x], attrs }, layouts) => {
    const { factor } = attrs as { factor: number };
    const activated = layouts.only(x!, "Relu");
    const conv = layouts.only(activated?.inputs[0] ?? x!, "Conv");
    if (!conv || !isPointwise(conv)) return undefined;
    const make = pointwise(conv, layouts, factor);
    return activated ? () => reluRows(make()) : make;
  },
  Resize: (_, { inputs: [x], attrs }, layouts) => {
    const { mode, size } = attrs as ResizeAttrs;
    return mode === "nearest" && layouts.has(x!) ? () => resizeRows(layouts.rows(x!), size) : undefined;
  },
};

/** The best channel of every pixel lies in a row of its own. */
function bestChannel(tensor: Tensor, { op, inputs: [x], attrs }: Call, layouts: Layouts): Tensor | undefined {
  if (op.type !== "ArgMax" || x!.rank !== 4 || (attrs as { axis: number }).axis !== 1 || !layouts.has(x!))
    return undefined;
  const rows = layouts.rows(x!);
  const best = onlyChannels(rows).blocks.map((block) => argMax(block, 1));
  return reshape(pickRows(best, rows.at), tensor.shape);
}

/** A convolution with constant weights. */
interface ConstantConv {
  readonly x: Tensor;
  readonly weight: Float32Array;
  readonly bias: Float32Array | null;
}

function constantConv({ inputs: [x, w, b] }: Call): ConstantConv | undefined {
  const [weight, bias] = [floatsOf(w), floatsOf(b)];
  return weight && (bias || !b) ? { x: x!, weight, bias } : undefined;
}

function winograd(call: Call, layouts: Layouts, activated: boolean): Make {
  const { x, weight, bias } = constantConv(call)!;
  return () => winogradRows(layouts.rows(x), weight, bias, activated, layouts.winograd);
}

function pointwise(call: Call, layouts: Layouts, factor = 1): Make {
  const { x, weight, bias } = constantConv(call)!;
  return () => pointwiseRows(layouts.rows(x), weight, bias, factor);
}

/** A convolution with constant weights that reads every pixel once. */
function isPointwise(call: Call): boolean {
  return constantConv(call) !== undefined && isConv(call, 1, 0);
}

/** A convolution of every pixel, with a square kernel and an even padding. */
function isConv({ inputs: [, weight], attrs }: Call, kernel: number, padding: number): boolean {
  const { stride, dilation, groups, padding: zeros } = attrs as ConvAttrs;
  const plain = groups === 1 && [...stride, ...dilation].every((n) => n === 1);
  return plain && weight!.shape.slice(2).every((n) => n === kernel) && zeros.every((n) => n === padding);
}
