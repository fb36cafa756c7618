// Does to a training what can happen to one, and checks what `docs/resume.md` promises.
//
//   npm run faults [-- --only kills,full-disk --kills 200 --stride 1 --seed 1]
//
// It is the built command line that is run, on a dataset of ten little scenes. Linux; what needs a disk of its own to fill
// needs the right to mount one. Leaves with 1 where a promise was broken.
import { parseArgs } from "node:util";
import { Random } from "../../src/util/random.ts";
import { Laboratory } from "./laboratory.ts";
import { type FaultName, faults } from "./table.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: Object.keys(faults).join() },
    kills: { type: "string", default: "200" },
    stride: { type: "string", default: "1" },
    seed: { type: "string", default: "1" },
  },
});
const names = values.only.split(",").map((name) => {
  if (!Object.hasOwn(faults, name)) throw new Error(`there is no fault ${name}: ${Object.keys(faults).join(", ")}`);
  return name as FaultName;
});

const laboratory = await Laboratory.open({ kills: Number(values.kills), stride: Number(values.stride) });
let broken = 0;
try {
  console.log("| fault | promise | tries | broken | outcome | seconds |\n| --- | --- | --- | --- | --- | --- |");
  for (const name of names) {
    const { title, promise, tries } = faults[name];
    const start = performance.now();
    const tried = await tries(laboratory, new Random(Number(values.seed)).split(name));
    const seconds = Math.round((performance.now() - start) / 1000);
    console.log(`| ${[title, promise, tried.tries, tried.broken.length, tried.outcome, seconds].join(" | ")} |`);
    for (const text of tried.broken) console.error(`${name}: ${text}`);
    broken += tried.broken.length;
  }
} finally {
  await laboratory.close();
}
process.exitCode = broken > 0 ? 1 : 0;
