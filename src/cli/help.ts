import type { z } from "zod";
import type { OptionSchema } from "./arguments.ts";
import { isSwitch, optionNames } from "./arguments.ts";
import type { Command } from "./command.ts";

/** Options every command has. */
export const commonOptions = [
  ["--json", "print one JSON object a line, for machines"],
  ["--debug", "show where an error came from"],
  ["--help", "show this"],
] as const;

const camel = (key: string): string => key.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The help of the whole command line. */
export function generalHelp(commands: Readonly<Record<string, Pick<Command, "summary" | "usage">>>): string {
  const rows = Object.entries(commands).map(([name, { summary, usage }]): [string, string] => [
    `segkit ${name} ${usage}`,
    summary,
  ]);
  return [
    "segkit: train image-segmentation models on your own pictures",
    "",
    ...rows.flatMap(([usage, summary]) => [usage, `    ${summary}`]),
    "",
    "segkit COMMAND --help shows the options of a command. --key value, --key=value and key=value are the same.",
    "Exit codes: 0 ok, 1 internal error, 2 usage, 3 dataset, 4 memory or disk, 5 diverged, 6 quality gate, 7 damaged file,",
    "130 and 143 interrupted.",
  ].join("\n");
}

/** The help of one command. */
export function commandHelp(
  name: string,
  { summary, usage, options }: Pick<Command, "summary" | "usage"> & { options: OptionSchema },
): string {
  const rows = optionNames(options).map((option): [string, string] => {
    const field = options.shape[camel(option)] as z.ZodType;
    const standard = field.safeParse(undefined);
    const fallback =
      standard.success && standard.data !== undefined && standard.data !== false ? ` (${String(standard.data)})` : "";
    return [`--${option}${isSwitch(options, option) ? "" : " VALUE"}`, `${field.description ?? ""}${fallback}`];
  });
  const all = [...rows, ...commonOptions];
  const width = Math.max(...all.map(([option]) => option.length));
  return [
    `segkit ${name} ${usage}`,
    `    ${summary}`,
    "",
    ...all.map(([option, text]) => `${option.padEnd(width)}  ${text}`),
  ].join("\n");
}
