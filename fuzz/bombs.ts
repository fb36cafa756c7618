// Files that are made to do harm: each must be refused with a named error and exit code 7, within two seconds of computing and
// 300 MB.
//
//   npm run fuzz:bombs -- [--only onnx]
import { parseArgs } from "node:util";
import { allBombs } from "./bombs/index.ts";
import { setOff } from "./bombs/set-off.ts";

const { values } = parseArgs({ options: { only: { type: "string", default: "" } } });
const chosen = Object.entries(allBombs).filter(([name]) => name.includes(values.only));
console.log("| file | seconds | MB | refused with |");
console.log("| --- | --- | --- | --- |");
let faults = 0;
for (const { name, exitCode, message, seconds, megabytes, above } of await setOff(Object.fromEntries(chosen))) {
  const sound = exitCode === 7 && seconds < 2 && megabytes < 300 && above < 300;
  if (!sound) faults++;
  const text = message.replace(/\/\S*segkit-bombs-\w+\/\d+/g, "…").slice(0, 160);
  console.log(
    `| ${sound ? "" : "**FAULT** "}${name} | ${seconds.toFixed(2)} | ${Math.round(megabytes)} | ${exitCode}: ${text} |`,
  );
}
console.log(`${chosen.length} files, ${faults} faults`);
process.exitCode = faults > 0 ? 1 : 0;
