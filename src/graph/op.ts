import { Tensor, type TensorType } from "./tensor.ts";

/** An operator's operands; null stands for an optional one left out. */
export type Inputs = readonly (Tensor | null)[];

/** One gradient for each operand, null where none flows. Broadcasting is undone by the walk, not by the rule. */
export type Gradients<In extends Inputs> = { readonly [K in keyof In]: Tensor | null };

/** An operator: its name, its shape rule and its gradient, declared together. */
export interface Op<In extends Inputs, Attrs> {
  readonly type: string;
  /** Checks the operands and gives the type of the result; throws a ShapeError naming the operator and the shapes. */
  infer(inputs: In, attrs: Attrs): TensorType;
  /** Left out where the operator is not differentiable. */
  grad?(dy: Tensor, call: { inputs: In; attrs: Attrs; output: Tensor }): Gradients<In>;
}

// Operators of every signature share one table and one walk, which only pass operands back to the rule they came with.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyOp = Op<any, any>;

/** An attribute as text, another for every other value; JSON alone writes infinities as null. */
export function showAttribute(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "number" && !Number.isFinite(inner) ? String(inner) : inner,
  );
}

/** One use of an operator. */
export interface Call {
  readonly op: AnyOp;
  readonly inputs: Inputs;
  readonly attrs: unknown;
}

/** The function that applies an operator. */
export interface OpFunction<In extends Inputs, Attrs> {
  (inputs: In, attrs: Attrs): Tensor;
  readonly op: Op<In, Attrs>;
}

/** Declares an operator; the result applies it, checking shapes and dtypes at once. */
/*@__NO_SIDE_EFFECTS__*/
export function defineOp<In extends Inputs, Attrs = void>(op: Op<In, Attrs>): OpFunction<In, Attrs> {
  const apply = (inputs: In, attrs: Attrs): Tensor =>
    new Tensor(op.infer(inputs, attrs), { kind: "call", call: { op, inputs, attrs } });
  return Object.assign(apply, { op });
}
