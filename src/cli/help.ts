import { z } from "zod";
import { commonOptions, innermost, isSwitch, type OptionSchema, optionName } from "./arguments.ts";
import type { Command } from "./command.ts";
import { placeholderOf } from "./fields.ts";

const columns = 80;

/** The help of the whole command line. */
export function generalHelp(commands: readonly Pick<Command, "name" | "summary" | "usage">[]): string {
  return [
    "segkit: train image-segmentation models on your own pictures",
    "",
    ...commands.flatMap(({ name, usage, summary }) => [`  segkit ${name} ${usage}`, `      ${summary}`]),
    "",
    "segkit COMMAND --help shows the options of a command.",
    "--key value, --key=value and key=value mean the same.",
    "",
    "Exit codes: 0 done, 1 internal error, 2 wrong usage, 3 unfit dataset, 4 out of",
    "memory or disk, 5 diverged, 6 quality gate not reached, 7 damaged file, 129, 130",
    "and 143 interrupted, after a checkpoint was written.",
  ].join("\n");
}

/** The help of one command. */
export function commandHelp({
  name,
  summary,
  usage,
  options,
}: Pick<Command, "name" | "summary" | "usage" | "options">): string {
  const own = Object.entries(options.shape).map(([key, field]): [string, string] => {
    const value = isSwitch(options, key) ? "" : ` ${placeholderOf(innermost(field))}`;
    return [optionName(key) + value, describe(field)];
  });
  const rows = [
    ...own,
    ...Object.entries(commonOptions).map(([key, text]): [string, string] => [optionName(key), text]),
  ];
  const width = Math.max(...rows.map(([option]) => option.length));
  const lines = rows.flatMap(([option, text]) =>
    wrap(text, columns - width - 4).map((line, i) => `  ${(i === 0 ? option : "").padEnd(width)}  ${line}`),
  );
  return [`segkit ${name} ${usage}`, `    ${summary}`, "", ...lines].join("\n");
}

/** The description of an option, and its default where that says something. */
function describe(field: OptionSchema["shape"][string]): string {
  const text = field instanceof z.ZodType ? (field.description ?? "") : "";
  const standard = field instanceof z.ZodDefault ? field.def.defaultValue : undefined;
  return typeof standard === "string" || typeof standard === "number" ? `${text} (default ${standard})` : text;
}

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
