// One case: every participant is tried, then the best take turns, so that a machine that gets slower slows all of them.
import { setTimeout as pause } from "node:timers/promises";
import type { Kind } from "./cases.ts";
import type { Answer } from "./child.ts";
import type { Participant, Task } from "./participants.ts";
import { type Caps, type Runner, ServedRunner, SpawnedRunner } from "./runner.ts";
import { Unmeasured } from "./unmeasured.ts";

/** What became of a participant. */
export interface Result {
  readonly name: string;
  readonly family: string;
  /** Seconds of each round; of the trial alone where `note` says that there were no rounds. */
  seconds: number[];
  /** Most memory held, in bytes; NaN where unknown. */
  peakBytes: number;
  /** What it said when it was ready. */
  about: Answer;
  /** Why there are no figures, or fewer. */
  note?: string;
}

export interface MeasureOptions {
  /** Most rounds. */
  readonly repeats: number;
  /** Most seconds of a turn. */
  readonly cap: number;
  readonly progress: (text: string) => void;
}

interface Contender {
  readonly participant: Participant;
  readonly result: Result;
  readonly runner: Runner;
}

/** A participant that is slower than the best of its family by more than this has no part in the rounds. */
const near = 1.06;
/** Milliseconds between turns: threads that wait for work may spin for a while. */
const settle = 100;
/** Most seconds of a start: imports, building, compiling, the first turn. */
const startCaps = { large: 240, small: 75 } as const;
/** A trial is of so many turns, or of as many as take so many seconds. */
const trialTurns = 3;
const trialSeconds = 2;
/** A slow participant whose turn takes more seconds than this has one. */
const oneIsEnough = 8;
/** After so many rounds a case ends as soon as they have taken so many seconds. */
const fewestRounds = 3;
const enoughSeconds = 40;

/** The result of a participant that has not been run. */
export function notRun({ name, family }: Participant, note?: string): Result {
  return { name, family, seconds: [], peakBytes: NaN, about: {}, ...(note === undefined ? {} : { note }) };
}

/** Measures a case. The first participant is the one that ratios are taken to. */
export async function measure(
  kind: Kind,
  participants: readonly Participant[],
  task: Task,
  options: MeasureOptions,
): Promise<Result[]> {
  const results: Result[] = [];
  let contenders: Contender[] = [];
  for (const participant of participants) {
    const result = notRun(participant);
    results.push(result);
    const { family, after, name, at = "large" } = participant;
    const tried = participants.some((other) => other.name === after);
    if (tried && bestOf(family, contenders)?.result.name !== after) {
      result.note = `not run: ${after} is not the fastest`;
      continue;
    }
    options.progress(`${name} …`);
    const runner = runnerOf(kind, participant, task, { start: startCaps[at], turn: options.cap });
    const contender = { participant, result, runner };
    if (await attempt(contender, () => trial(contender))) contenders = await selected([...contenders, contender]);
  }
  await rounds(contenders, options);
  return results;
}

function runnerOf(kind: Kind, { command }: Participant, task: Task, caps: Caps): Runner {
  return kind === "start" || kind === "pipeline"
    ? new SpawnedRunner(() => command(task), caps)
    : new ServedRunner(command(task), caps);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, x) => total + x, 0);
const quickest = ({ result: { seconds } }: Contender): number => Math.min(...seconds);

async function trial(contender: Contender): Promise<void> {
  const { result, runner } = contender;
  result.about = await runner.start();
  while (result.seconds.length < trialTurns && sum(result.seconds) < trialSeconds) await oneTurn(contender);
}

async function oneTurn({ result, runner }: Contender): Promise<void> {
  await pause(settle);
  const { seconds } = await runner.turn();
  result.seconds.push(seconds);
}

function bestOf(family: string, contenders: readonly Contender[]): Contender | undefined {
  return contenders
    .filter(({ result }) => result.family === family)
    .toSorted((a, b) => quickest(a) - quickest(b))
    .at(0);
}

/** Keeps those that are as fast as any of their family, and ends the others. */
async function selected(contenders: readonly Contender[]): Promise<Contender[]> {
  const kept: Contender[] = [];
  for (const contender of contenders) {
    const { participant, result } = contender;
    const slower = quickest(contender) > near * quickest(bestOf(result.family, contenders)!);
    const slow = participant.at === "small" && quickest(contender) > oneIsEnough;
    if (slower || slow) {
      result.note = slower ? "trial only: slower than another" : "trial only";
      await attempt(contender, () => ended(contender));
    } else kept.push(contender);
  }
  return kept;
}

async function rounds(contenders: readonly Contender[], { repeats, progress }: MeasureOptions): Promise<void> {
  for (const { result } of contenders) result.seconds = [];
  let still = contenders;
  const start = performance.now();
  for (let round = 1; round <= repeats && still.length > 0; round++) {
    if (round > fewestRounds && performance.now() - start > 1000 * enoughSeconds) break;
    const next: Contender[] = [];
    for (const contender of still) {
      progress(`round ${round} of ${repeats}: ${contender.result.name} …`);
      if (await attempt(contender, () => oneTurn(contender))) next.push(contender);
    }
    still = next;
  }
  for (const contender of still) await attempt(contender, () => ended(contender));
}

async function ended({ result, runner }: Contender): Promise<void> {
  result.peakBytes = await runner.end();
}

/** Whether something came off; where it did not, the participant is ended and the reason noted. */
async function attempt({ result, runner }: Contender, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    runner.kill();
    if (!(error instanceof Unmeasured)) throw error;
    result.note = error.message;
    return false;
  }
}
