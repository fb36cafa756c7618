import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CheckpointFiles } from "../../src/train/checkpoint-files.node.ts";

/** What a finished run has come to, by file: what is to be the same, bit for bit, whatever has happened on the way. */
export type RunState = Readonly<Record<string, string>>;

/** Reads a run folder. Files of finished runs that differ by nothing but time are taken without it. */
export async function stateOf(run: string): Promise<RunState> {
  const state: Record<string, string> = {};
  for (const entry of await readdir(run, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const file = join(entry.parentPath, entry.name);
    state[file.slice(run.length + 1)] = textOf(entry.name, await readFile(file));
  }
  return state;
}

/** How a run differs from what it should be, in words. */
export function differences(found: RunState, wanted: RunState): string[] {
  const names = [...new Set([...Object.keys(found), ...Object.keys(wanted)])];
  return names
    .filter((name) => found[name] !== wanted[name])
    .map((name) => {
      if (wanted[name] === undefined) return `${name} is left over`;
      return found[name] === undefined ? `${name} is missing` : `${name} is not that of a run nothing happened to`;
    });
}

function textOf(name: string, bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  if (name === "results.csv") return text.replaceAll(/,[^,\n]*$/gm, "");
  if (name === "run.json") return JSON.stringify((JSON.parse(text) as { steps: unknown }).steps);
  // It names the folder.
  if (name === "args.yaml") return text.replace(/^out: .*$/m, "");
  return createHash("sha256").update(bytes).digest("hex");
}

/** How far the newest good checkpoint of a run is: fit, epoch and batch. Null where there is none yet. */
export async function placeOf(run: string): Promise<readonly number[] | null> {
  const found = await new CheckpointFiles(join(run, "checkpoints")).read();
  return found ? [found.manifest.phase, found.manifest.epoch, found.manifest.batch] : null;
}

/** Whether one place comes before another. */
export function isBefore(place: readonly number[] | null, other: readonly number[] | null): boolean {
  if (other === null) return false;
  if (place === null) return true;
  const at = place.findIndex((value, i) => value !== other[i]);
  return at >= 0 && place[at]! < other[at]!;
}
