import type { OpName } from "../graph/ops/index.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { GraphBuilder, Value } from "../onnx/builder.ts";
import { lowerings } from "../onnx/lower.ts";
import { onnxAttributes, spatial } from "../onnx/lowering/conv-geometry.ts";
import type { Lowered, Lowerings } from "../onnx/lowering/lowering.ts";
import { ConfigError } from "../util/errors.ts";

type Size = readonly [height: number, width: number];

/**
 * Lowerings whose nodes hold no height and width, so that what a graph of one size gives works at every size. A size that
 * an operator asks for is taken at run time from the tensor that has it: the first one with that height and width in the
 * graph, which therefore is to be built at a size whose fractions tell all levels of the network apart (`probeSize`).
 * Operators of the backward pass stay as they are; they are no part of what is exported.
 * @param images the graph's pictures [N, C, H, W], and the name they have in ONNX.
 */
export function anySizeLowerings(images: { readonly tensor: Tensor; readonly name: Value }): Lowerings<OpName> {
  const sizes = new Sizes();
  sizes.note(images.tensor, images.name);
  const table = { ...lowerings, ...sizeFree(sizes) };
  const noting = Object.entries(table).map(([name, lowering]) => {
    const lower = lowering as (b: GraphBuilder, call: Lowered<never, never>) => Value;
    return [
      name,
      (b: GraphBuilder, call: Lowered<never, never>): Value => {
        const value = lower(b, call);
        sizes.note(call.output, value);
        return value;
      },
    ];
  });
  return Object.fromEntries(noting) as Lowerings<OpName>;
}

/**
 * A size that shows all that a network does differently at other sizes: of its halves, quarters … down to 1 / `stride`,
 * rounded up, the heights are odd, the widths even, and the pairs all differ.
 */
export function probeSize(stride: number): Size {
  return [2 * stride + 1, 4 * stride];
}

/** The ONNX values that have each height and width. */
class Sizes {
  readonly #values = new Map<string, Value>();

  note({ shape }: Tensor, value: Value): void {
    const key = shape.slice(2).join("×");
    if (shape.length === 4 && !this.#values.has(key)) this.#values.set(key, value);
  }

  /** An int64 [2] value: height and width, as they are at run time. */
  of(b: GraphBuilder, size: Size): Value {
    const value = this.#values.get(size.join("×"));
    if (value === undefined)
      throw new ConfigError(`export: nothing in the model has the size ${size.join("×")} that it resizes to`, {
        hint: "Resize to the size of the picture or of a feature, which are known at run time.",
      });
    return b.shared(`size of ${value}`, () => b.node("Shape", [value], { start: 2 }));
  }
}

function sizeFree(sizes: Sizes): Lowerings<"Conv" | "Resize" | "Reshape" | "PixelShuffle" | "Gather"> {
  return {
    // Only zeros that follow from the size (TensorFlow's "SAME") are more on one side; at an odd height they are not.
    Conv: (b, call) => {
      const { inputs, values, attrs } = call;
      const [top, left, bottom, right] = attrs.padding;
      if (top === bottom && left === right) return lowerings.Conv(b, call);
      const { pads: _, ...rest } = onnxAttributes(attrs, spatial(inputs[1].shape));
      return b.node("Conv", values, { ...rest, auto_pad: "SAME_UPPER" });
    },

    Resize: (b, { inputs: [x], values: [xv], attrs: { size, mode } }) => {
      const wanted = sizes.of(b, size);
      if (mode === "nearest") return isCrop(x, size) ? cropped(b, xv!, wanted) : nearest(b, xv!, wanted);
      const whole = b.node("Concat", [b.node("Shape", [xv!], { start: 0, end: 2 }), wanted], { axis: 0 });
      const coordinates = mode === "bilinear" ? "half_pixel" : "align_corners";
      return b.node("Resize", [xv!, "", "", whole], { mode: "linear", coordinate_transformation_mode: coordinates });
    },

    // 0 copies a size of the operand, −1 is what remains.
    Reshape: (b, { inputs: [x], values: [xv], attrs: { shape } }) => {
      const [rows, columns] = [shape[2] ?? 0, shape[3] ?? 0];
      if (x.rank === 4 && shape.length === 3) return b.reshape(xv!, [0, 0, -1]);
      if (x.rank === 3 && shape.length === 4)
        return b.node("Reshape", [xv!, b.node("Concat", [b.ints([0, 0]), sizes.of(b, [rows, columns])], { axis: 0 })]);
      throw new ConfigError(`export: a reshape of ${x} to [${shape.join(", ")}] is not known at other sizes`);
    },

    PixelShuffle: (b, { values: [x], attrs: { factor } }) =>
      b.node("DepthToSpace", [x!], { blocksize: factor, mode: "CRD" }),

    Gather: (b, call) => {
      const { inputs, values, attrs } = call;
      const [x, indices] = inputs;
      const edges = attrs.axis >= 2 && x.rank === 4 ? repeatedEdges(indices, x.shape[attrs.axis]!) : null;
      if (!edges) return lowerings.Gather(b, call);
      const pads = Array.from({ length: 8 }, (_, i) => (i % 4 === attrs.axis ? edges[i < 4 ? 0 : 1] : 0));
      return b.node("Pad", [values[0]!, b.ints(pads)], { mode: "edge" });
    },
  };
}

/** Whether the nearest pixels of a smaller size are all but the last row and column: what an odd size leaves of pairs. */
function isCrop({ shape }: Tensor, size: Size): boolean {
  return size.every((n, i) => shape[2 + i] === n + (n % 2));
}

function cropped(b: GraphBuilder, x: Value, size: Value): Value {
  return b.node("Slice", [x, b.ints([0, 0]), size, b.ints([2, 3])]);
}

/** ⌊i·length/size⌋ along both axes, in float32 as `nearestSource` computes it. */
function nearest(b: GraphBuilder, x: Value, size: Value): Value {
  const lengths = b.node("Shape", [x], { start: 2 });
  return [0, 1].reduce((value, i) => {
    const [length, n] = [lengths, size].map((each) =>
      b.node("Gather", [each, b.constant(BigInt64Array.of(BigInt(i)), [], "int64")]),
    );
    const scale = b.node("Div", [b.cast(length!, "float32"), b.cast(n!, "float32")]);
    const positions = b.node("Range", [
      b.constant(BigInt64Array.of(0n), [], "int64"),
      n!,
      b.constant(BigInt64Array.of(1n), [], "int64"),
    ]);
    const sources = b.node("Floor", [b.node("Mul", [b.cast(positions, "float32"), scale])]);
    const last = b.node("Sub", [b.cast(length!, "float32"), b.float(1)]);
    return b.node("Gather", [value, b.cast(b.node("Min", [sources, last]), "int64")], { axis: 2 + i });
  }, x);
}

/** How often the first and the last element of an axis are repeated, where indices do no more than that. */
function repeatedEdges({ source }: Tensor, length: number): readonly [number, number] | null {
  if (source.kind !== "constant") return null;
  const indices = Array.from(source.data, Number);
  const before = indices.lastIndexOf(0);
  const after = indices.length - before - length;
  const same = indices.every((index, i) => index === Math.min(Math.max(i - before, 0), length - 1));
  return before >= 0 && after >= 0 && same ? [before, after] : null;
}
