import { readFileSync } from "node:fs";
import { type Answer, Child } from "./child.ts";
import type { Turn } from "./protocol.ts";

/** Most seconds that a start (imports, building, compiling, the first turn) and every later turn may take. */
export interface Caps {
  readonly start: number;
  readonly turn: number;
}

/** A participant that has been started. All throw Unmeasured where there is no figure to be had. */
export interface Runner {
  /** What it says about itself: versions, threads, the loss of its first turn. */
  start(): Promise<Answer>;
  turn(): Promise<Turn>;
  /** Ends it, and gives the most memory it has held, in bytes; NaN if that is not known. */
  end(): Promise<number>;
  /** Ends it at once. */
  kill(): void;
}

/** A program that stays and answers every "step" (see protocol.ts). */
export class ServedRunner implements Runner {
  readonly #child: Child;
  readonly #caps: Caps;

  constructor(command: readonly string[], caps: Caps) {
    this.#child = new Child(command);
    this.#caps = caps;
  }

  start(): Promise<Answer> {
    return this.#child.answer(this.#caps.start, ({ ready }) => ready === true);
  }

  async turn(): Promise<Turn> {
    const { seconds, loss } = await this.#child.ask("step", this.#caps.turn);
    return { seconds: Number(seconds), ...(loss === undefined ? {} : { loss: Number(loss) }) };
  }

  async end(): Promise<number> {
    const { peakBytes } = await this.#child.ask("end", this.#caps.turn);
    this.kill();
    await this.#child.gone();
    return Number(peakBytes);
  }

  kill(): void {
    this.#child.kill();
  }
}

/** A program that is started for every turn; the turn is over when it says what is waited for. */
export class SpawnedRunner implements Runner {
  readonly #command: () => readonly string[];
  readonly #caps: Caps;
  #child: Child | undefined;
  #peak = NaN;

  constructor(command: () => readonly string[], caps: Caps) {
    this.#command = command;
    this.#caps = caps;
  }

  async start(): Promise<Answer> {
    return {};
  }

  async turn(): Promise<Turn> {
    const start = performance.now();
    this.#child = new Child(this.#command());
    const answer = await this.#child.answer(this.#caps.start, isResult);
    // A rate, of pictures a second, is of the work itself; all else is timed from outside, the start included.
    const seconds = "rate" in answer ? 1 / Number(answer.rate) : (performance.now() - start) / 1000;
    this.#peak = Math.max(peakOf(this.#child.process.pid), Number.isNaN(this.#peak) ? 0 : this.#peak);
    this.kill();
    await this.#child.gone();
    return { seconds };
  }

  async end(): Promise<number> {
    return this.#peak;
  }

  kill(): void {
    this.#child?.kill();
  }
}

/** The first batch of `segkit train --json`, the first step of peers/step.py, the rate of an input pipeline. */
function isResult(answer: Answer): boolean {
  return answer.event === "batch" || "seconds" in answer || "rate" in answer;
}

function peakOf(pid: number | undefined): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))!;
    return Number(kilobytes) * 1024;
  } catch {
    return NaN;
  }
}
