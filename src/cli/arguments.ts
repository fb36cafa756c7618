import { z } from "zod";
import { ConfigError } from "../util/errors.ts";
import { nearest } from "../util/nearest.ts";

/** The options of a command: a zod object whose keys are camelCase and whose fields carry a description. */
export type OptionSchema = z.ZodObject;

/** Switches that every command has, with what they do. */
export const commonOptions = {
  json: "print one JSON object a line, for machines",
  debug: "show where an error came from",
  help: "show this",
} as const;

/** What a command line says: options validated, and the words that are none. */
export interface ParsedArguments<Schema extends OptionSchema> {
  readonly options: z.infer<Schema>;
  /** The keys of the options that were written, not left at their defaults. */
  readonly given: ReadonlySet<string>;
  readonly positionals: readonly string[];
}

const kebab = (key: string): string => key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const camel = (key: string): string => key.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The option of a schema's key as it is typed. */
export const optionName = (key: string): string => `--${kebab(key)}`;

/** Whether an option is a switch, which takes no value. */
export function isSwitch(schema: OptionSchema, key: string): boolean {
  return key in commonOptions || innermost(schema.shape[key]) instanceof z.ZodBoolean;
}

/** What a field is without `optional` and `default` around it. */
export function innermost(field: unknown): unknown {
  return field instanceof z.ZodOptional || field instanceof z.ZodDefault ? innermost(field.unwrap()) : field;
}

/**
 * Parses `--key value`, `--key=value`, `key=value` and switches. Throws a ConfigError that names the nearest known option,
 * or what a value should have been.
 * @param help what hints name as the place to read on.
 */
export function parseArguments<Schema extends OptionSchema>(
  argv: readonly string[],
  schema: Schema,
  help = "segkit help",
): ParsedArguments<Schema> {
  const hint = `See ${help}.`;
  const { values, positionals } = readWords(argv, schema, hint);
  for (const key of Object.keys(commonOptions)) values.delete(key);
  const parsed = schema.safeParse(Object.fromEntries(values));
  if (parsed.success) return { options: parsed.data, given: new Set(values.keys()), positionals };
  const [issue] = parsed.error.issues;
  const key = String(issue?.path[0] ?? "");
  throw new ConfigError(`${optionName(key)}: ${issue?.message}, but received ${JSON.stringify(values.get(key))}`, {
    hint,
  });
}

interface Words {
  readonly values: Map<string, string | boolean>;
  readonly positionals: string[];
}

/** Sorts the words of a command line into options by their keys, and others. */
function readWords(argv: readonly string[], schema: OptionSchema, hint: string): Words {
  const values = new Map<string, string | boolean>();
  const positionals: string[] = [];
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--") {
      positionals.push(...words.splice(0));
      continue;
    }
    const [, dashes, name, inline] = /^(--?)?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined || (dashes === undefined && inline === undefined)) {
      positionals.push(word);
      continue;
    }
    const key = camel(name);
    if (dashes === "-" || !isKnown(schema, key)) throw unknownOption(word, name, schema, hint);
    if (isSwitch(schema, key)) {
      const next = words[0] === "true" || words[0] === "false" ? words.shift() : undefined;
      values.set(key, switchValue(name, inline ?? next ?? "true", hint));
    } else {
      const value = inline ?? (words[0]?.startsWith("--") ? undefined : words.shift());
      if (value === undefined)
        throw new ConfigError(`${optionName(key)}: expected a value, but received none`, { hint });
      values.set(key, value);
    }
  }
  return { values, positionals };
}

function isKnown(schema: OptionSchema, key: string): boolean {
  return Object.hasOwn(schema.shape, key) || Object.hasOwn(commonOptions, key);
}

function switchValue(name: string, text: string, hint: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw new ConfigError(`--${name}: expected no value, true or false, but received ${JSON.stringify(text)}`, { hint });
}

function unknownOption(word: string, name: string, schema: OptionSchema, hint: string): ConfigError {
  const keys = [...Object.keys(schema.shape), ...Object.keys(commonOptions)];
  const meant = nearest(camel(name), keys);
  return new ConfigError(`unknown option ${word.split("=")[0]}`, {
    hint: meant === undefined ? hint : `Did you mean ${optionName(meant)}? ${hint}`,
  });
}

/** Throws a ConfigError when there are words that are no option. */
export function requireNoWords(command: string, [word]: readonly string[], hint: string): void {
  if (word !== undefined) throw new ConfigError(`${command}: unexpected word ${JSON.stringify(word)}`, { hint });
}
