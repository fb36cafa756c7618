import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { Shape } from "../../src/graph/shape.ts";
import { expectClose } from "../support/close.ts";
import { type Result, type Trial, trialsOf, opNames } from "./harness.ts";

/** What PyTorch says to a case, in float64. */
interface Stored {
  readonly leaves: Readonly<Record<string, readonly number[]>>;
  readonly shape: readonly number[];
  readonly y: readonly number[];
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

/** Stored results by the names of the cases; scripts/golden.py writes them. */
export const golden = JSON.parse(readFileSync(new URL("../golden/ops.json", import.meta.url), "utf8")) as Readonly<
  Record<string, Stored>
>;

/** Float32 against float64: a relative error of the largest element. */
export const tolerance = 2e-5;

/** Expects a result to agree with PyTorch's. */
export function expectGolden(trial: Trial, shape: Shape, { y, gradients }: Result): void {
  const stored = storedFor(trial);
  expect(shape, `${trial.name}: shape`).toEqual(stored.shape);
  expectClose(trial.name, Array.from(y, Number), stored.y, tolerance);
  for (const leaf of trial.wrt)
    expectClose(
      `${trial.name}, gradient by ${leaf}`,
      gradients[leaf] as Float32Array,
      stored.gradients[leaf]!,
      tolerance,
    );
}

function storedFor(trial: Trial): Stored {
  const stored = golden[trial.name];
  const again = "run scripts/golden.py";
  if (!stored) expect.fail(`${trial.name}: no stored numbers; add it to scripts/golden.py and ${again}`);
  for (const [leaf, shape] of Object.entries(stored.leaves))
    expect(trial.leaves[leaf]?.shape ?? shape, `${trial.name}: stored shape of ${leaf}; ${again}`).toEqual(shape);
  expect(Object.keys(stored.gradients), `${trial.name}: stored gradients; ${again}`).toEqual(
    expect.arrayContaining([...trial.wrt]),
  );
  return stored;
}

/** Stored results that no case asks for. */
export function unused(): string[] {
  const asked = new Set(opNames.flatMap(trialsOf).map(({ name }) => name));
  return Object.keys(golden).filter((name) => !asked.has(name));
}
