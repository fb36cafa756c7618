import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where Linux distributions put Chromium's SwiftShader, which plays a GPU in software. */
const swiftShader = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/usr/lib64/chromium-browser"]
  .map((folder) => `${folder}/vk_swiftshader_icd.json`)
  .find(existsSync);

const withSwiftShader: Environment | null = swiftShader
  ? {
      ...process.env,
      ...{ VK_ICD_FILENAMES: swiftShader, XDG_RUNTIME_DIR: tmpdir() },
      LD_LIBRARY_PATH: [dirname(swiftShader), ...(process.env.LD_LIBRARY_PATH?.split(":") ?? [])].join(":"),
    }
  : null;

/**
 * The environment in which WebGPU finds SwiftShader, whose numbers are the same everywhere, or else a GPU; null where there is
 * neither. Throws where SwiftShader is installed but not found.
 */
export async function findGpu(): Promise<Environment | null> {
  if (withSwiftShader) {
    // Where it is installed, it has to work: tests that are left out then would hide a fault.
    if ((await onGpu("probe", [], withSwiftShader)) !== true) throw new Error(`WebGPU does not find ${swiftShader}`);
    return withSwiftShader;
  }
  return (await onGpu("probe", [], process.env).catch(() => false)) ? process.env : null;
}

/**
 * What a program in test/webgpu prints, read as JSON: in a process of its own, for what goes wrong on a GPU may end it.
 * Throws with what it wrote to standard error.
 */
export async function onGpu(name: string, args: readonly string[], env: Environment): Promise<unknown> {
  const program = fileURLToPath(new URL(`../webgpu/${name}.child.ts`, import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", program, ...args], { env: { ...env } });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on("data", (text: Buffer) => out.push(String(text)));
  child.stderr.on("data", (text: Buffer) => err.push(String(text)));
  const code = await new Promise<number | string | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, signal) => resolve(status ?? signal));
  });
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${err.join("")}`);
  return JSON.parse(out.join(""));
}
