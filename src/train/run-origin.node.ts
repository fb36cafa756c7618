import { createRequire } from "node:module";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import type { RunRecord } from "./run-record.ts";

/** The versions of segkit and of what it computes with, by name. */
export function versions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const { version } = require("segkit/package.json") as { version: string };
  return { segkit: version, node: process.versions.node, ...onnxruntime(require) };
}

/** The native runtime's version, where there is one. */
function onnxruntime(require: NodeJS.Require): Record<string, string> {
  try {
    return { onnxruntime: (require("onnxruntime-node/package.json") as { version: string }).version };
  } catch {
    return {};
  }
}

/** This machine, and the engine that computes on it. */
export function machine(engine: string): RunRecord["machine"] {
  return {
    system: `${type()} ${release()} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memory: totalmem(),
    engine,
  };
}
