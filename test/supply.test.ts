/** @file What comes with segkit: which licences, from where, and that nothing of it has to be run to be installed. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { packagesIn } from "../scripts/packages.mjs";
import { loadPredictor } from "../src/inference/file/load-predictor.node.ts";
import { tinyOnnx } from "./support/onnx.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const json = async <T>(file: string): Promise<T> => JSON.parse(await readFile(join(root, file), "utf8")) as T;

interface Locked {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
}
const lock = await json<{ packages: Record<string, Locked> }>("package-lock.json");
const described = await json<{ scripts: object; allowScripts: Record<string, boolean> }>("package.json");

/** Licences that ask for no more than their text, and those of libraries that stand on their own (libvips, resvg). */
const fine =
  /^\(?(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|Unlicense|Python-2\.0|OFL-1\.1|CC0-1\.0|Zlib|LGPL-3\.0-or-later|MPL-2\.0)( (AND|OR) [\w.-]+)*\)?$/;

test("every package has a licence that lets segkit be used", () => {
  expect(packagesIn(lock).filter(({ license }) => !fine.test(license))).toEqual([]);
});

test("every package is the one that was locked, from the registry", () => {
  for (const [path, { integrity, resolved, link }] of Object.entries(lock.packages)) {
    if (path === "") continue;
    expect([path, link ?? false]).toEqual([path, false]);
    expect([path, integrity]).toEqual([path, expect.stringMatching(/^sha512-/)]);
    // Neither an address of somebody's own nor a repository.
    expect([path, resolved ?? "none"]).toEqual([path, "none"]);
  }
});

test("nothing is run at installation", async () => {
  const hooks = ["preinstall", "install", "postinstall", "prepublish", "prepare", "prepack"];
  expect(Object.keys(described.scripts).filter((name) => hooks.includes(name))).toEqual([]);
  expect(await readFile(join(root, ".npmrc"), "utf8")).toContain("ignore-scripts=true");
  const wanting = Object.entries(lock.packages).filter(([, { hasInstallScript, dev }]) => hasInstallScript && !dev);
  for (const [path] of wanting)
    expect([path, described.allowScripts[path.replace(/^.*node_modules\//, "")]]).toEqual([path, false]);
});

test("the native engine computes without what its install script would fetch", async () => {
  const binaries = join(dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json")), "bin");
  const fetched = join(binaries, `napi-v6/${process.platform}/${process.arch}/libonnxruntime_providers_cuda.so`);
  expect(existsSync(fetched)).toBe(false);
  const predictor = await loadPredictor(tinyOnnx(), { backend: "cpu", threads: 1 });
  expect((await predictor.predict({ data: new Uint8Array(48), height: 4, width: 4 })).data).toHaveLength(16);
  await predictor.release();
});

test("npm writes the bill of materials, with all that the licence list has", async () => {
  const { stdout } = await promisify(execFile)("npm", ["run", "--silent", "sbom"], { cwd: root, maxBuffer: 2 ** 26 });
  const { bomFormat, components } = JSON.parse(stdout) as {
    bomFormat: string;
    components: { name: string; version: string; group?: string }[];
  };
  expect(bomFormat).toBe("CycloneDX");
  const named = components.map(({ group, name, version }) => `${group ? `${group}/` : ""}${name}@${version}`);
  expect(new Set(named)).toEqual(new Set(packagesIn(lock).map(({ name, version }) => `${name}@${version}`)));
});
