import { parseArgs } from "node:util";
import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { ConfigError } from "../util/errors.ts";

/** The options of a command: a zod object whose keys are camelCase and whose fields carry a description. */
export type OptionSchema = z.ZodObject;

/** What a command line says: options validated, and the words that are none. */
export interface ParsedArguments<Schema extends OptionSchema> {
  readonly options: z.infer<Schema>;
  readonly positionals: readonly string[];
}

const kebab = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const camel = (key: string): string => key.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The option names of a schema as they are typed, without dashes. */
export function optionNames(schema: OptionSchema): string[] {
  return Object.keys(schema.shape).map(kebab);
}

/** Whether an option is a switch, which takes no value. */
export function isSwitch(schema: OptionSchema, name: string): boolean {
  let field = schema.shape[camel(name)] as z.ZodType | undefined;
  while (field instanceof z.ZodOptional || field instanceof z.ZodDefault) field = field.unwrap() as z.ZodType;
  return field instanceof z.ZodBoolean;
}

/**
 * Parses `--key value`, `--key=value`, `key=value` and switches. Throws a ConfigError that names the nearest known option,
 * or what a value should have been.
 */
export function parseArguments<Schema extends OptionSchema>(
  argv: readonly string[],
  schema: Schema,
): ParsedArguments<Schema> {
  const names = optionNames(schema);
  const config = Object.fromEntries(
    names.map((name) => [name, { type: isSwitch(schema, name) ? ("boolean" as const) : ("string" as const) }]),
  );
  const args = argv.map((word) => (/^[a-z][a-z-]*=/.test(word) ? `--${word}` : word));
  const { tokens } = parseArgs({ args, options: config, strict: false, allowPositionals: true, tokens: true });
  const values: Record<string, unknown> = {};
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const name = kebab(token.name);
    if (!names.includes(name)) throw unknownOption(token.rawName, names);
    values[camel(name)] = valueOf(schema, name, token.value);
  }
  const parsed = schema.safeParse(values);
  if (parsed.success) return { options: parsed.data as z.infer<Schema>, positionals };
  const [issue] = parsed.error.issues;
  const key = kebab(String(issue?.path[0] ?? ""));
  throw new ConfigError(`--${key}: ${issue?.message}, but received ${JSON.stringify(values[camel(key)])}`, {
    hint: `See segkit help.`,
  });
}

function valueOf(schema: OptionSchema, name: string, value: string | undefined): unknown {
  if (isSwitch(schema, name)) {
    if (value === undefined || value === "true") return true;
    if (value === "false") return false;
    throw new ConfigError(`--${name}: expected no value, true or false, but received ${JSON.stringify(value)}`);
  }
  if (value === undefined)
    throw new ConfigError(`--${name}: expected a value, but received none`, { hint: `Write --${name} VALUE.` });
  return value;
}

function unknownOption(raw: string, names: readonly string[]): ConfigError {
  const nearest = closest(kebab(raw.replace(/^-+/, "")), [...names]);
  return new ConfigError(`unknown option ${raw}`, { hint: `Did you mean --${nearest}? See segkit help.` });
}
