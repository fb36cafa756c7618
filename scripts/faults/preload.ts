import type { ChildOptions } from "./child.ts";

const file = (name: string): string => new URL(`preload/${name}`, import.meta.url).href;

/** Options of a process that loads a program of `preload/` before the command line, with what it is told. */
export function preload(name: "clock" | "disk" | "threads", fault: object): Pick<ChildOptions, "node" | "env"> {
  return {
    node: ["--import", file("in-main-thread.mjs")],
    env: { SEGKIT_PRELOAD: file(`${name}.ts`), SEGKIT_FAULT: JSON.stringify(fault) },
  };
}
