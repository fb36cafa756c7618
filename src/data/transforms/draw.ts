import type { Random } from "../../util/random.ts";
import type { Size } from "../image.ts";
import type { Parameter } from "./distribution.ts";
import { PlanBuilder } from "./plan.ts";
import type { ApplyOptions, Plan } from "./plan.ts";
import { transformTable } from "./table.ts";
import type { ResolvedTransform, TransformKind, TransformSpec } from "./table.ts";

/** A rule of the table with its types forgotten: what is drawn for a kind goes to the rule of that kind. */
interface AnyRule {
  readonly order: number;
  readonly parameters: Readonly<Record<string, Parameter<unknown, unknown, boolean>>>;
  readonly apply: (plan: PlanBuilder, drawn: unknown) => void;
}

/** The rule of a kind; undefined for a name that is none. */
export function ruleOf(kind: string): AnyRule | undefined {
  return Object.hasOwn(transformTable, kind)
    ? (transformTable[kind as TransformKind] as unknown as AnyRule)
    : undefined;
}

/** A list in the order in which transforms run; those of one order stay in theirs. */
export function inOrder<T extends { readonly kind: TransformKind }>(transforms: readonly T[]): T[] {
  return transforms.toSorted((a, b) => transformTable[a.kind].order - transformTable[b.kind].order);
}

/**
 * Draws the parameters of transforms for one sample, in the order in which they run: for each first its parameters, and
 * then whether it happens at all. How many numbers are drawn does not depend on what is drawn. (fastai 1.0.)
 * @returns those that happen, in order.
 * @see fastai-spec §3.2
 * @example const resolved = drawTransforms(getTransforms()[0], new Random(7).split("item", 3));
 */
export function drawTransforms(transforms: readonly TransformSpec[], random: Random): ResolvedTransform[] {
  const drawn = inOrder(transforms).map((spec) => {
    const transform = drawParameters(spec, random);
    return random.chance(spec.p ?? 1) ? [transform] : [];
  });
  return drawn.flat();
}

function drawParameters(spec: TransformSpec, random: Random): ResolvedTransform {
  const given = spec as Readonly<Record<string, unknown>>;
  const drawn: Record<string, unknown> = { kind: spec.kind };
  for (const [name, parameter] of Object.entries(ruleOf(spec.kind)!.parameters)) {
    drawn[name] = parameter.draw(given[name], random);
  }
  return drawn as unknown as ResolvedTransform;
}

/**
 * Works out what resolved transforms do to a picture of one size. Where the options crop or pad to a size and the list
 * does not say where, the middle is taken.
 */
export function planTransforms(from: Size, resolved: readonly ResolvedTransform[], options: ApplyOptions): Plan {
  const plan = new PlanBuilder(from, options);
  for (const transform of inOrder(resolved)) ruleOf(transform.kind)!.apply(plan, transform);
  if (!resolved.some(({ kind }) => kind === "cropPad") && options.size != null) plan.cropPad(0.5, 0.5, "reflection");
  return plan.build();
}
