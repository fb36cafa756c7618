import { describe, expect, test } from "vitest";
import { lower } from "../../src/onnx/lower.ts";
import { graphOf as loweredGraph } from "../../src/onnx/hidden-shapes.ts";
import { valueTypes } from "../../src/onnx/shapes.ts";
import { backends } from "./backends.ts";
import { graphOf, opNames, trialsOf } from "./harness.ts";

const widths = { float32: 4, int32: 4, int64: 8, uint8: 1, bool: 1 };

// What a lowering writes between its operands and its result counts for the memory that a program is estimated to take.
describe.each(["cpu", "cpu, portable operators"] as const)("shapes of what is lowered for %s", (on) => {
  test.each(opNames)("%s", (type) => {
    for (const trial of trialsOf(type)) {
      const program = lower(graphOf([trial]), backends[on].target);
      const types = valueTypes({ graph: loweredGraph(program) });
      const { outputs } = program;
      const found = Object.keys(outputs).map((name) => [name, types.get(name)]);
      const expected = Object.entries(outputs).map(([name, { shape, dtype }]) => [
        name,
        { shape, width: widths[dtype] },
      ]);
      expect(found, trial.name).toEqual(expected);
    }
  });
});
