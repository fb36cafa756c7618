/** @file ONNX Runtime's native build tells nobody that it was started. */
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { tempFolder } from "./support/dataset.ts";

const program = fileURLToPath(new URL("support/open-runtimes.ts", import.meta.url));

/** What a process that runs a program on ONNX Runtime leaves among the temporary files. */
async function leftBehind(thread: string): Promise<string[]> {
  const folder = await tempFolder();
  // Where tests run, it is silent by itself.
  const { CI: _, ORT_DISABLE_TELEMETRY: __, ...env } = process.env;
  const args = ["--import", import.meta.resolve("tsx"), "--conditions=source", program, thread];
  await promisify(execFile)(process.execPath, args, {
    env: { ...env, TMPDIR: folder, XDG_CACHE_HOME: folder, HOME: folder },
  });
  return (await readdir(folder)).filter((name) => !name.startsWith("tsx-"));
}

test.each(["main", "thread"])("no report is prepared in the %s thread", async (thread) => {
  expect(await leftBehind(thread)).toEqual([]);
});
