import { basename, resolve } from "node:path";
import { createRequire } from "node:module";
import type { ExportOrigin } from "../export/metadata.ts";
import type { RunFolder } from "../train/run-folder.node.ts";

/** What a file that a run's model is exported to tells of its origin. */
export async function exportOrigin(run: RunFolder): Promise<ExportOrigin> {
  const { version } = createRequire(import.meta.url)("segkit/package.json") as { version: string };
  const dataset = (await run.readRecord())?.data.hash;
  const name = basename(resolve(run.path));
  return { run: name, version, date: new Date().toISOString(), ...(dataset !== undefined && { dataset }) };
}
