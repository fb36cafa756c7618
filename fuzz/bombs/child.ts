/** @file Reads one file after the other: a list of `[read, path]` as JSON is its only argument. */
import { SegkitError } from "../../src/util/errors.ts";
import { Memory } from "../memory.ts";
import { reads } from "./reads.ts";

const list = JSON.parse(process.argv[2]!) as [keyof typeof reads, string][];
const all = new Memory();
for (const [read, path] of list) {
  const [before, memory] = [process.cpuUsage(), new Memory()];
  const error: unknown = await reads[read](path).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  const exitCode = error instanceof SegkitError ? error.exitCode : error === null ? 0 : 1;
  const message = error instanceof Error ? error.message : String(error);
  console.log(JSON.stringify({ exitCode, message, seconds, megabytes: memory.grown(), above: all.grown() }));
}
process.exit(0);
