import { beforeAll, expect, test } from "vitest";
import { gradients } from "../graph/grad.ts";
import { conv2d } from "../graph/ops/conv.ts";
import { mul } from "../graph/ops/elementwise.ts";
import { sum } from "../graph/ops/reduce.ts";
import { input } from "../graph/tensor.ts";
import { lower, type ProgramGraph } from "../onnx/lower.ts";
import { decodeModel } from "../onnx/schema.ts";
import { cpuTarget, type FormulaChoices } from "../onnx/target.ts";
import { choicesOf, type FormulaTimes, measureFormulas } from "./measure-formulas.ts";
import { openRuntime } from "./ort.node.ts";
import type { Runtime } from "./runtime.ts";

/** Two convolutions of one shape, and all their gradients. */
function graph(): ProgramGraph {
  const [x, v, w] = [input("x", [2, 32, 32, 32]), input("v", [32, 32, 3, 3]), input("w", [32, 32, 3, 3])];
  const y = conv2d(conv2d(x, v, null, { padding: 1 }), w, null, { padding: 1 });
  const [dx, dv, dw] = gradients(sum(mul(y, y)), [x, v, w]);
  return { inputs: { x, v, w }, outputs: { dx: dx!, dv: dv!, dw: dw! } };
}

let runtime: Runtime;
let measured: FormulaTimes[];
beforeAll(async () => {
  runtime = await openRuntime({ backend: "cpu", threads: 1 });
  measured = await measureFormulas(graph(), runtime);
});

test("times every formula that fits, once for each shape", () => {
  expect(measured.map(({ key, count, rule, seconds }) => [key.split(" ")[0], count, rule, Object.keys(seconds)]))
    .toMatchInlineSnapshot(`
      [
        [
          "Conv",
          2,
          "winograd",
          [
            "winograd",
            "plain",
          ],
        ],
        [
          "ConvTranspose",
          2,
          "winograd",
          [
            "winograd",
            "flipped",
            "sideBySide",
            "transposed",
          ],
        ],
        [
          "ConvWeightGrad",
          2,
          "winograd",
          [
            "winograd",
            "columns",
            "correlation",
            "shifted",
          ],
        ],
      ]
    `);
  for (const { best, rule, seconds } of measured) {
    expect(seconds[best]).toBeGreaterThan(0);
    expect(seconds[best]).toBeLessThanOrEqual(seconds[rule]!);
  }
});

const scans = (formulas: FormulaChoices): number =>
  decodeModel(lower(graph(), { ...cpuTarget, formulas }).model).graph.node.filter(({ opType }) => opType === "Scan")
    .length;

test("what was chosen is what is lowered; a name that no formula has is no choice", () => {
  const all = (name: string): FormulaChoices => Object.fromEntries(measured.map(({ key }) => [key, name]));
  expect([scans({}), scans(all("winograd")), scans(all("toString")), scans(all("nothing"))]).toEqual([6, 6, 6, 6]);
  const others = measured.map(({ key, seconds }) => [key, Object.keys(seconds).find((name) => name !== "winograd")!]);
  expect(scans(Object.fromEntries(others) as FormulaChoices)).toBe(0);
});

test("what is known is not measured again, and an abort ends it", async () => {
  const known = choicesOf(measured);
  let told = 0;
  expect(await measureFormulas(graph(), runtime, { known, onMeasured: () => told++ })).toEqual([]);
  expect(told).toBe(0);
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(measureFormulas(graph(), runtime, { signal })).rejects.toThrow("enough");
});
