/** @file The engine's thread dies: every call says so, and closing the engine is no error. */
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, test, vi } from "vitest";
import { openEngine } from "../src/train/engine-thread.node.ts";
import { ResourceError } from "../src/util/errors.ts";
import type * as workerEntry from "../src/util/worker-entry.node.ts";

const thread = vi.hoisted(() => ({ text: "" }));
vi.mock("../src/util/worker-entry.node.ts", async (original) => {
  const { startWorker } = await original<typeof workerEntry>();
  return {
    startWorker: (...args: Parameters<typeof startWorker>): Worker =>
      thread.text === "" ? startWorker(...args) : new Worker(thread.text, { eval: true }),
  };
});

afterEach(() => {
  thread.text = "";
});

const ready = `parentPort.postMessage({ kind: "ready", value: { description: "fake", target: {} } });`;

/** Opens an engine whose thread runs this program. */
function open(program: string) {
  thread.text = `const { parentPort } = require("node:worker_threads"); ${program}`;
  return openEngine();
}

describe("a thread that dies", () => {
  test.each([
    ["leaves before it is ready", "process.exit(3);", "engine: its thread ended with code 3"],
    ["throws before it is ready", `throw new Error("no binary");`, "engine: its thread died: no binary"],
  ])("%s", async (_, program, message) => {
    const error: unknown = await open(program).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ResourceError);
    expect(error).toMatchObject({ message, exitCode: 4 });
  });

  test.each([
    ["leaves in a call", "process.exit(3);", "engine: its thread ended with code 3"],
    ["throws in a call", `throw new Error("bug");`, "engine: its thread died: bug"],
  ])("%s: that call and all later ones fail, closing does not", async (_, program, message) => {
    const engine = await open(`${ready} parentPort.once("message", () => { ${program} });`);
    const calls = [engine.state(), engine.optimizerState()];
    for (const result of await Promise.allSettled(calls))
      expect(result).toMatchObject({ status: "rejected", reason: { message, exitCode: 4 } });
    await expect(engine.infer("x", {})).rejects.toThrow(message);
    await engine.close();
  });

  test("that dies while it is closed is closed", async () => {
    const engine = await open(`${ready} parentPort.once("message", () => process.exit(3));`);
    await engine.close();
    await engine.close();
    await expect(engine.state()).rejects.toBeInstanceOf(ResourceError);
  });
});
