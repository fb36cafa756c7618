import { readFile, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempFolder } from "../../../test/support/dataset.ts";
import { SegkitError } from "../../util/errors.ts";
import { readConfig, segkitHome, writeStandardConfig } from "./config.node.ts";

/** The configuration that a text gives, or exit code, message and hint of its error. */
async function configOf(text: string): Promise<unknown> {
  const home = await tempFolder();
  await writeFile(join(home, "config.yml"), text);
  try {
    const { home: _, ...folders } = await readConfig({ SEGKIT_HOME: home });
    return Object.fromEntries(Object.entries(folders).map(([key, path]) => [key, path.replace(home, "HOME")]));
  } catch (error) {
    if (!(error instanceof SegkitError)) throw error;
    return `${error.exitCode}: ${error.message}\n→ ${error.hint}`.replace(home, "HOME");
  }
}

const standard = { dataPath: "HOME/data", dataArchivePath: "HOME/data", modelPath: "HOME/models" };

test("the home is $SEGKIT_HOME, or in the user's cache folder", () => {
  expect(segkitHome({ SEGKIT_HOME: "/big/segkit" })).toBe("/big/segkit");
  expect(segkitHome({ SEGKIT_HOME: "~/segkit" })).toBe(join(homedir(), "segkit"));
  expect(segkitHome({ SEGKIT_HOME: "", XDG_CACHE_HOME: "/cache" })).toBe("/cache/segkit");
  expect(segkitHome({})).toBe(join(homedir(), ".cache", "segkit"));
});

test("keys that are missing have their standard", async () => {
  expect(await configOf("")).toEqual(standard);
  expect(await configOf("# nothing\n")).toEqual(standard);
  expect(await configOf("data_path: /disk/data\n")).toEqual({ ...standard, dataPath: "/disk/data" });
  const { home: _, ...folders } = await readConfig({ SEGKIT_HOME: "/nowhere" });
  expect(folders).toEqual({
    dataPath: "/nowhere/data",
    dataArchivePath: "/nowhere/data",
    modelPath: "/nowhere/models",
  });
});

test("folders in the user's folder, and relative to the home", async () => {
  expect(await configOf('data_path: ~/data\ndata_archive_path: "~"\nmodel_path: weights\n')).toEqual({
    dataPath: join(homedir(), "data"),
    dataArchivePath: homedir(),
    modelPath: "HOME/weights",
  });
});

test("what is wrong is said", async () => {
  expect(await configOf("data_path: [a]\n")).toMatchInlineSnapshot(`
    "2: HOME/config.yml: data_path: expected a folder
    → It may hold the keys data_path, data_archive_path, model_path, each a folder."
  `);
  expect(await configOf("data_path:\n")).toMatchInlineSnapshot(`
    "2: HOME/config.yml: data_path: expected a folder
    → It may hold the keys data_path, data_archive_path, model_path, each a folder."
  `);
  expect(await configOf("data_paht: a\n")).toMatchInlineSnapshot(`
    "2: HOME/config.yml: unknown key data_paht
    → It may hold the keys data_path, data_archive_path, model_path, each a folder."
  `);
  expect(await configOf("- data\n")).toMatchInlineSnapshot(`
    "2: HOME/config.yml: expected keys with a folder each
    → It may hold the keys data_path, data_archive_path, model_path, each a folder."
  `);
  expect(await configOf("data_path: [\n")).toMatchInlineSnapshot(`
    "2: HOME/config.yml is no YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 2, column 1
    → Write one "key: folder" a line, or remove the file."
  `);
});

test("the standard is written where there is nothing, and changes nothing", async () => {
  const home = join(await tempFolder(), "new");
  const config = await readConfig({ SEGKIT_HOME: home });
  await writeStandardConfig(config);
  expect(await readFile(join(home, "config.yml"), "utf8")).toMatchInlineSnapshot(`
    "# Folders may be absolute, relative to this one, or begin with ~.
    data_path: data
    data_archive_path: data
    model_path: models
    "
  `);
  expect(await readConfig({ SEGKIT_HOME: home })).toEqual(config);
  await writeFile(join(home, "config.yml"), "data_path: mine\n");
  await writeStandardConfig(config);
  expect(await readFile(join(home, "config.yml"), "utf8")).toBe("data_path: mine\n");
});

test("a home that cannot be written is no error", async () => {
  const file = join(await tempFolder(), "file");
  await writeFile(file, "");
  await writeStandardConfig(await readConfig({ SEGKIT_HOME: file }));
});
