import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { reasonOf, Unmeasured } from "./unmeasured.ts";

/** What a child says in one line. */
export type Answer = Readonly<Record<string, unknown>>;

/** A program of the benchmark: a process that prints lines of JSON. */
export class Child {
  readonly process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<{ code: number | null; signal: string | null }>;
  #errors = "";

  constructor([command, ...args]: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.process = spawn(command!, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } });
    this.process.stderr!.on("data", (text) => (this.#errors = (this.#errors + String(text)).slice(-10_000)));
    // A child that has died says so by its end, not by the pipe to it.
    this.process.stdin!.on("error", () => {});
    this.#lines = createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]();
    this.#ended = new Promise((resolve) => {
      this.process.on("close", (code, signal) => resolve({ code, signal }));
      this.process.on("error", (error) => {
        this.#errors += String(error);
        resolve({ code: null, signal: null });
      });
    });
  }

  /** The next line that is JSON and wanted. Throws Unmeasured if the child ends or takes longer than `cap` seconds. */
  async answer(cap: number, wanted: (answer: Answer) => boolean = () => true): Promise<Answer> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.kill();
    }, cap * 1000);
    try {
      for (;;) {
        const { value, done } = await this.#lines.next();
        if (done) throw new Unmeasured(late ? `more than ${cap} s` : reasonOf(this.#errors, await this.#ended));
        const answer = parsed(value);
        if (answer && wanted(answer)) return answer;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  ask(line: string, cap: number): Promise<Answer> {
    this.process.stdin!.write(`${line}\n`);
    return this.answer(cap);
  }

  kill(): void {
    this.process.kill("SIGKILL");
  }

  /** Waits until the process is gone and its memory free. */
  async gone(): Promise<void> {
    await this.#ended;
  }
}

function parsed(line: string): Answer | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Answer;
  } catch {
    return undefined;
  }
}
