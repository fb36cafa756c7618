import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Output, type OutputOptions } from "./output.ts";

const { isTTY } = process.stderr;
let written: string;

beforeEach(() => {
  written = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  process.stderr.isTTY = isTTY;
});

/** What a command that takes long leaves on standard error. */
function shown(options: Pick<OutputOptions, "json" | "terminal">): string {
  process.stderr.isTTY = true;
  const output = new Output({ ...options, out: () => {}, err: () => {} });
  const bar = output.bar();
  for (let i = 0; i <= 3; i++) bar.update(i, 3, "predicting", "1.5/s  00:02 left");
  bar.clear();
  return written;
}

describe("a live bar", () => {
  test("is shown on a terminal", () => {
    expect(shown({ json: false, terminal: true })).toContain("predicting");
  });

  test("is silent without one", () => {
    expect(shown({ json: false, terminal: false })).toBe("");
  });

  test("is silent in JSON mode", () => {
    expect(shown({ json: true, terminal: true })).toBe("");
  });
});
