import { spawn } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** A Chromium that is installed, if any: the one that SEGKIT_CHROMIUM names, or one in a usual place. */
export const chromium = [
  ...(process.env.SEGKIT_CHROMIUM ? [process.env.SEGKIT_CHROMIUM] : []),
  ...["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
].find(existsSync);

/** Playing a GPU in software, if there is none. */
const flags = ["--headless", "--no-sandbox", "--enable-unsafe-webgpu", "--disable-gpu-sandbox", "--no-first-run"];

/** Contents by name. */
type ServedFiles = Readonly<Record<string, Uint8Array | string>>;

const types: Readonly<Record<string, string>> = { ".mjs": "text/javascript", ".wasm": "application/wasm" };

/**
 * What a module of test/webgpu sends to /result from a page of its own, read as JSON. Throws when nothing came after
 * `seconds`.
 * @param files what the page finds below /files/, by name.
 */
export async function inBrowser(module: string, seconds: number, files: ServedFiles = {}): Promise<unknown> {
  const script = await bundle(module);
  const profile = mkdtempSync(join(tmpdir(), "segkit-browser-"));
  let answered: (body: string) => void = () => {};
  const answer = new Promise<string>((resolve) => (answered = resolve));
  const server = createServer((request, response) => {
    void serve(request, response, { script, files }, answered);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const browser = spawn(chromium!, [...flags, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`]);
  const exit = new Promise<number | null>((resolve) => browser.once("exit", resolve));
  const ended = new Promise<never>((_, reject) => {
    void exit.then((code) => reject(new Error(`the browser ended with ${code}`)));
    setTimeout(() => reject(new Error(`nothing came from the page in ${seconds} s`)), seconds * 1000).unref();
  });
  try {
    return JSON.parse(await Promise.race([answer, ended]));
  } finally {
    ended.catch(() => {});
    browser.kill();
    await exit;
    server.closeAllConnections();
    server.close();
    // Its own processes may write for a moment longer than it lives.
    await rm(profile, { recursive: true, force: true, maxRetries: 20 });
  }
}

/** The module and what it imports as one script, but for ONNX Runtime, which loads files from beside itself. */
async function bundle(module: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../webgpu/${module}.ts`, import.meta.url))],
    ...{ bundle: true, write: false, format: "esm", platform: "browser", target: "esnext" },
    external: ["onnxruntime-web/webgpu", "onnxruntime-web/wasm"],
  });
  return outputFiles[0]!.text;
}

const page = `<!doctype html><title>segkit</title>
<script type="importmap">
  { "imports": { "onnxruntime-web/webgpu": "/ort/ort.webgpu.bundle.min.mjs", "onnxruntime-web/wasm": "/ort/ort.wasm.bundle.min.mjs" } }
</script>
<script type="module" src="/page.mjs"></script>`;

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { script, files }: { readonly script: string; readonly files: ServedFiles },
  answered: (body: string) => void,
): Promise<void> {
  // What a page needs to share memory between threads.
  response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
  response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
  const path = request.url ?? "/";
  if (path === "/result") {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    answered(Buffer.concat(chunks).toString());
    response.end();
  } else if (path === "/") response.setHeader("Content-Type", "text/html").end(page);
  else if (path === "/page.mjs") response.setHeader("Content-Type", "text/javascript").end(script);
  else if (path.startsWith("/files/") && Object.hasOwn(files, path.slice(7))) response.end(files[path.slice(7)]);
  else if (path.startsWith("/ort/") && !path.includes("..")) {
    const file = fileURLToPath(new URL(`../../node_modules/onnxruntime-web/dist/${path.slice(5)}`, import.meta.url));
    response.setHeader("Content-Type", types[extname(file)] ?? "text/plain").end(await readFile(file));
  } else response.writeHead(404).end();
}
