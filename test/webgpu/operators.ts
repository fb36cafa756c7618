import type { OpName } from "../../src/graph/ops/index.ts";

/** What the GPU made of one case of an operator: numbers as text, for JSON has no NaN. */
export interface OperatorResult {
  readonly type: OpName;
  readonly name: string;
  readonly y: readonly string[];
  readonly gradients: Readonly<Record<string, readonly string[]>>;
}
