import type { Inputs, Op } from "../../graph/op.ts";
import type { OpName, ops } from "../../graph/ops/index.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { GraphBuilder, Value } from "../builder.ts";

/** One operator call on its way into ONNX: the symbolic tensors, their ONNX values and the attributes. */
export interface Lowered<In extends Inputs, Attrs> {
  readonly inputs: In;
  /** The ONNX value of each input; "" where an optional one is left out. */
  readonly values: readonly Value[];
  readonly attrs: Attrs;
  readonly output: Tensor;
}

/** Emits the ONNX nodes of one operator call and returns the value of its result. */
export type Lowering<O> = O extends { readonly op: Op<infer In, infer Attrs> }
  ? (builder: GraphBuilder, call: Lowered<In, Attrs>) => Value
  : never;

/** A lowering for every operator named: a missing one does not compile. */
export type Lowerings<Names extends OpName> = { readonly [Name in Names]: Lowering<(typeof ops)[Name]> };
