import type { OpName } from "../../src/graph/ops/index.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import type { Leaf } from "../support/leaf.ts";

/** One use of an operator, with the values to try it on. scripts/golden.py says it in PyTorch under the same name. */
export interface Case {
  readonly name: string;
  readonly leaves: Readonly<Record<string, Leaf>>;
  readonly build: (tensors: Readonly<Record<string, Tensor>>) => Tensor;
  /** Why finite differences do not apply: the gradient is another by definition, or the point is a kink. */
  readonly noDifferences?: string;
  /** Also try the gradient as a function of its own. */
  readonly twice?: boolean;
}

/** At least one case for each operator: a missing one does not compile. */
export type Cases = { readonly [Name in OpName]: readonly [Case, ...Case[]] };

/** A case whose build function sees its leaves by name. */
export function opCase<Leaves extends Readonly<Record<string, Leaf>>>(
  name: string,
  leaves: Leaves,
  build: (tensors: { readonly [K in keyof Leaves]: Tensor }) => Tensor,
  options: Pick<Case, "noDifferences" | "twice"> = {},
): Case {
  return { name, leaves, build: build as Case["build"], ...options };
}
