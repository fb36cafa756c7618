import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError } from "../../util/errors.ts";

/** Contents by path. */
export type Files = ReadonlyMap<string, Uint8Array>;

const built = fileURLToPath(new URL("../../../dist/studio/", import.meta.url));

/** The page as it was built. @throws ConfigError where it was not. */
export async function pageFiles(): Promise<Files> {
  const names = await readdir(built, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = names.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name));
  if (files.length === 0)
    throw new ConfigError(`demo: the page is not built: there is no ${built}`, {
      hint: "Build it with npm run build; a package from npm brings it.",
    });
  return contents(files, (file) => file.slice(built.length).replaceAll("\\", "/"));
}

/** ONNX Runtime for pages, each of its builds with the WebAssembly that it loads from beside itself. */
const runtimeNames = [
  "ort.webgpu.bundle.min.mjs",
  "ort-wasm-simd-threaded.asyncify.wasm",
  "ort.wasm.bundle.min.mjs",
  "ort-wasm-simd-threaded.wasm",
];

/** The files of ONNX Runtime, of the package that is installed, under ort/, where the page looks for them. */
export async function runtimeFiles(): Promise<Files> {
  const [, wasm] = runtimeNames;
  const folder = dirname(createRequire(import.meta.url).resolve(`onnxruntime-web/${wasm}`));
  return contents(
    runtimeNames.map((name) => join(folder, name)),
    (file) => `ort/${file.slice(folder.length + 1)}`,
  );
}

async function contents(files: readonly string[], pathOf: (file: string) => string): Promise<Files> {
  return new Map(await Promise.all(files.map(async (file) => [pathOf(file), await readFile(file)] as const)));
}
