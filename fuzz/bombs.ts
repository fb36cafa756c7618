// Files that are made to do harm: each must be refused with a named error, within two seconds of computing and 300 MB. They are read
// twice: by the reader alone, with exit code 7, its memory being what it took beside its process; and by the built command line
// (all but run lengths and data.json, which only programs read), its memory being that of the whole process: with 7 as well, or
// with 2 or 3 where the folder around the file is refused first, such as for a mask of another size.
//
//   npm run fuzz:bombs -- [--only onnx] [--out .cache/fuzz]
//
// The figures are written to --out, too, as bombs.md. Leaves with 1 where one is not refused like that.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { allBombs } from "./bombs/index.ts";
import { type Effect, setOff, setOffByCommand } from "./bombs/set-off.ts";

const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, out: { type: "string", default: ".cache/fuzz" } },
});
const chosen = Object.fromEntries(Object.entries(allBombs).filter(([name]) => name.includes(values.only)));

const isSound = (codes: readonly number[], { exitCode, seconds, megabytes, above, message }: Effect): boolean =>
  codes.includes(exitCode) && seconds < 2 && megabytes < 300 && above < 300 && !/^ +at /m.test(message);

function rowOf(by: string, effect: Effect, sound: boolean): string {
  const { name, exitCode, message, seconds, megabytes } = effect;
  const text = message.replace(/\/\S*segkit-bombs-\w+\/\d+/g, "…").slice(0, 160);
  const fault = sound ? "" : "**FAULT** ";
  return `| ${fault}${name} | ${by} | ${seconds.toFixed(2)} | ${Math.round(megabytes)} | ${exitCode}: ${text} |`;
}

const lines = ["| file | read by | seconds | MB | refused with |", "| --- | --- | --- | --- | --- |"];
const say = (line: string): void => {
  lines.push(line);
  console.log(line);
};
console.log(lines.join("\n"));
let faults = 0;
for (const [by, set, codes] of [
  ["reader", setOff, [7]],
  ["command line", setOffByCommand, [2, 3, 7]],
] as const) {
  const effects = await set(chosen);
  for (const effect of effects) say(rowOf(by, effect, isSound(codes, effect)));
  const wrong = effects.filter((effect) => !isSound(codes, effect)).length;
  faults += wrong;
  const [seconds, megabytes] = [effects.map((each) => each.seconds), effects.map((each) => each.megabytes)];
  say(
    `\nBy the ${by}: ${effects.length} files, ${wrong} faults, at most ${Math.max(...seconds).toFixed(2)} s and ${Math.round(Math.max(...megabytes))} MB\n`,
  );
}
await mkdir(values.out, { recursive: true });
await writeFile(join(values.out, "bombs.md"), `${lines.join("\n")}\n`);
process.exitCode = faults > 0 ? 1 : 0;
