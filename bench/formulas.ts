// npm run bench:formulas [-- --batch 4 --size 192x256 --encoder resnet34 --threads 2 --markdown]
//
// How good is the rule that chooses the formula of a convolution? Every convolution of a training step and of its
// gradients by every formula that fits it, and what they would take if the fastest were always chosen.
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { loadLine, machineLine } from "./machine.ts";
import { modelOf, problemOf, problemOptions } from "./problem.ts";
import { type Cells, markdownTable, textTable } from "./report.ts";
import { crossEntropy } from "../src/losses/cross-entropy.ts";
import { openRuntime } from "../src/runtime/ort.node.ts";
import { measureStep } from "../src/train/step-formulas.ts";

const { values } = parseArgs({
  options: {
    ...problemOptions,
    threads: { type: "string", default: String(cpus().length) },
    markdown: { type: "boolean", default: false },
  },
});
const problem = problemOf(values);
const [height, width] = problem.size;
const runtime = await openRuntime({ backend: "cpu", threads: Number(values.threads) });
const model = modelOf(problem);

console.log([machineLine(), loadLine()].filter((line) => line !== undefined).join("\n"));
const start = performance.now();
const measured = await measureStep(runtime, model, crossEntropy(), { n: problem.batch, height, width });
const took = (performance.now() - start) / 1000;
const several = measured.filter(({ seconds }) => Object.keys(seconds).length > 1);

const ms = (seconds: number): string => (1000 * seconds).toFixed(1);
const rows = several.map(({ key, count, rule, best, seconds }): Cells => {
  const all = Object.entries(seconds).map(([name, time]) => `${name} ${ms(time)}`);
  return [key.replace(/ (none )?\{.*$/, ""), `${count}`, rule, best, all.join(", ")];
});
console.log((values.markdown ? markdownTable : textTable)([["", "count", "rule", "best", "ms"], ...rows]));

const total = (name: "rule" | "best"): number =>
  several.reduce((sum, times) => sum + times.count * times.seconds[times[name]]!, 0);
console.log(
  `${several.length} convolutions with a choice: ${ms(total("rule"))} ms by the rule, ${ms(total("best"))} by the best, ` +
    `ratio ${(total("rule") / total("best")).toFixed(3)}; measured in ${took.toFixed(1)} s`,
);
