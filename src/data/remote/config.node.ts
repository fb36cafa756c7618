import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { ConfigError, messageOf } from "../../util/errors.ts";
import { makeFolder, writeWhole } from "../../util/files.node.ts";
import { parseYaml } from "../../util/parse-yaml.ts";
import { readText } from "../../util/read-bounded.node.ts";

/** The folders segkit keeps things in, all absolute. */
export interface Config {
  /** Where `config.yml` is. */
  readonly home: string;
  /** Datasets, each in a folder of its name. */
  readonly dataPath: string;
  /** Downloaded archives of datasets. */
  readonly dataArchivePath: string;
  /** Downloaded weights. */
  readonly modelPath: string;
}

const standard = { data_path: "data", data_archive_path: "data", model_path: "models" } as const;
const keys = Object.keys(standard).join(", ");
const folder = z.string({ error: "expected a folder" }).min(1, { error: "expected a folder" });
const schema = z.strictObject(
  {
    data_path: folder.default(standard.data_path),
    data_archive_path: folder.default(standard.data_archive_path),
    model_path: folder.default(standard.model_path),
  },
  { error: (issue) => (issue.code === "unrecognized_keys" ? `unknown key ${issue.keys.join(", ")}` : undefined) },
);

/** The folder everything of segkit lies in: $SEGKIT_HOME, or segkit in the user's cache folder. */
export function segkitHome(env: NodeJS.ProcessEnv = process.env): string {
  if (env.SEGKIT_HOME) return expand(env.SEGKIT_HOME);
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "segkit");
}

/**
 * Reads `config.yml` in segkit's home: the keys data_path, data_archive_path and model_path, each a folder, absolute,
 * relative to the home, or beginning with `~`. A key or file that is missing means `data`, `data` and `models` in the
 * home.
 * @throws ConfigError naming the file and what is wrong in it. (fastai-spec §1.3)
 * @see fastai-spec §1.3
 * @example const { dataPath, modelPath } = await readConfig();
 */
export async function readConfig(env: NodeJS.ProcessEnv = process.env): Promise<Config> {
  const home = segkitHome(env);
  const file = join(home, "config.yml");
  const text = await readText(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return "";
    throw new ConfigError(`${file} cannot be read: ${messageOf(error)}`, { cause: error });
  });
  const values = parseConfig(text, file);
  return {
    home,
    dataPath: expand(values.data_path, home),
    dataArchivePath: expand(values.data_archive_path, home),
    modelPath: expand(values.model_path, home),
  };
}

function parseConfig(text: string, file: string): z.infer<typeof schema> {
  let value: unknown;
  try {
    value = parseYaml(text) ?? {};
  } catch (error) {
    throw new ConfigError(`${file} is no YAML: ${messageOf(error)}`, {
      hint: `Write one "key: folder" a line, or remove the file.`,
      cause: error,
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? `${issue.path.join(".")}: ` : "";
  const what = issue?.code === "invalid_type" && where === "" ? "expected keys with a folder each" : issue?.message;
  throw new ConfigError(`${file}: ${where}${what}`, { hint: `It may hold the keys ${keys}, each a folder.` });
}

/** Writes a `config.yml` with the standard folders where there is none. A home that cannot be written stays without. */
export async function writeStandardConfig({ home }: Config): Promise<void> {
  const file = join(home, "config.yml");
  if ((await stat(file).catch(() => null)) !== null) return;
  const lines = Object.entries(standard).map(([key, value]) => `${key}: ${value}\n`);
  await makeFolder(home)
    .then(() => writeWhole(file, ["# Folders may be absolute, relative to this one, or begin with ~.\n", ...lines]))
    .catch(() => {});
}

/** A path with `~` for the user's folder, relative to `base`. */
function expand(path: string, base = "."): string {
  return resolve(base, path.replace(/^~(?=$|[\\/])/, homedir()));
}
