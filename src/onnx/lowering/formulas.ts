import { showAttribute } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { LoweringOptimizations, LoweringTarget } from "../target.ts";
import type { CallOf, Strategy } from "./conv-geometry.ts";
import type { Lowering } from "./lowering.ts";

/** The ways to lower one operator. Those named like an optimisation go with it. */
export interface Formulas<O, Name extends string> {
  readonly type: string;
  readonly strategies: Readonly<Record<Name, Strategy<O>>>;
  /** The one that the sizes suggest, of those that `takes` says can be used. */
  readonly rule: (call: CallOf<O>, takes: (name: Name) => boolean) => Name;
}

/** Whether a formula is right for a call on a target and was not left out. */
export function takes<O, Name extends string>(
  { strategies }: Formulas<O, Name>,
  name: Name,
  call: CallOf<O>,
  target: LoweringTarget,
): boolean {
  const on = target.optimizations[name as keyof LoweringOptimizations] ?? true;
  return on && strategies[name].eligible(call, target);
}

/** The formula of a call: the one that was measured to be the fastest, else the rule's. */
export function chosen<O, Name extends string>(
  formulas: Formulas<O, Name>,
  call: CallOf<O>,
  target: LoweringTarget,
): Name {
  const fits = (name: Name): boolean => takes(formulas, name, call, target);
  const measured = target.formulas?.[formulaKey(formulas.type, call as Geometry)] as Name | undefined;
  return measured !== undefined && Object.hasOwn(formulas.strategies, measured) && fits(measured)
    ? measured
    : formulas.rule(call, fits);
}

interface Geometry {
  readonly inputs: readonly (Pick<Tensor, "shape"> | null)[];
  readonly attrs: unknown;
}

/** What the time of a call depends on: its operator, the shapes of its operands and its attributes. */
export function formulaKey(type: string, { inputs, attrs }: Geometry): string {
  return `${type} ${inputs.map((x) => x?.shape.join("x") ?? "none").join(" ")} ${showAttribute(attrs)}`;
}

/** The lowering of an operator by the formula chosen. */
export function byFormula<O, Name extends string>(formulas: Formulas<O, Name>): Lowering<O> {
  const lower = (b: Parameters<Strategy<O>["lower"]>[0], call: CallOf<O>): string => {
    const strategy = formulas.strategies[chosen(formulas, call, b.target)];
    return (strategy.lower as unknown as typeof lower)(b, call);
  };
  return lower as unknown as Lowering<O>;
}
