import type { Command } from "../command.ts";

/** Every verb of the command line, in the order that help lists them; a file is read when its verb is asked for. */
export const commands = {
  train: async () => (await import("./train.ts")).train,
  "lr-find": async () => (await import("./lr-find.ts")).lrFind,
  validate: async () => (await import("./validate.ts")).validate,
  predict: async () => (await import("./predict.ts")).predict,
  export: async () => (await import("./export.ts")).exportCommand,
  serve: async () => (await import("./serve.ts")).serve,
  demo: async () => (await import("./demo.ts")).demo,
  report: async () => (await import("./report.ts")).report,
  data: async () => (await import("./data.ts")).data,
  doc: async () => (await import("./doc.ts")).doc,
} as const satisfies Readonly<Record<string, () => Promise<Command>>>;

/** A verb of the command line. */
export type CommandName = keyof typeof commands;

/** All of them. */
export function allCommands(): Promise<Command[]> {
  return Promise.all(Object.values(commands).map((load) => load()));
}
