import { setTimeout as sleep } from "node:timers/promises";
import type { Ended } from "../child.ts";
import type { Fault } from "../fault.ts";
import type { Laboratory } from "../laboratory.ts";
import { counted, refusal } from "../promises.ts";

const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Signal = keyof typeof codes;

export const signals: Fault = {
  title: "Ctrl-C, SIGTERM or SIGHUP at a random batch",
  promise: "a checkpoint of that batch, the signal's exit code, the command that goes on; the end is bit-equal",
  async tries(laboratory, random) {
    const broken: string[] = [];
    const ends: (number | null)[] = [];
    for (let i = 0; i < Math.ceil(12 / laboratory.stride); i++) {
      const signal = (Object.keys(codes) as Signal[])[i % 3]!;
      const run = laboratory.name();
      const ended = await signalled(laboratory, run, [signal], random.integer(14));
      ends.push(ended.code);
      const wrong = [
        ...refusal(ended, codes[signal], /checkpoint written; continue with: segkit train --resume --out /),
        ...(await laboratory.goesOn(run)),
      ];
      broken.push(...wrong.map((text) => `${signal}: ${text}`));
      await laboratory.remove(run);
    }
    return { tries: ends.length, broken, outcome: counted(ends) };
  },
};

export const twice: Fault = {
  title: "Ctrl-C twice",
  promise: "leaves at once; the end is bit-equal",
  async tries(laboratory, random) {
    const broken: string[] = [];
    const ends: (number | string | null)[] = [];
    for (let i = 0; i < Math.ceil(4 / laboratory.stride); i++) {
      const run = laboratory.name();
      const ended = await signalled(laboratory, run, ["SIGINT", "SIGINT"], random.integer(14));
      ends.push(ended.code ?? ended.signal);
      if (ended.code !== 130 && ended.signal !== "SIGINT") broken.push(`it ended with ${ended.code ?? ended.signal}`);
      broken.push(...(await laboratory.goesOn(run)));
      await laboratory.remove(run);
    }
    return { tries: ends.length, broken, outcome: counted(ends) };
  },
};

/** Trains, and sends signals, 50 ms apart, after so many batches. */
function signalled(laboratory: Laboratory, run: string, names: readonly Signal[], after: number): Promise<Ended> {
  let batches = 0;
  return laboratory.train(run, {
    onLine(line, { kill }) {
      if (!line.includes('"event":"batch"') || batches++ !== after) return;
      for (const [i, name] of names.entries()) void sleep(50 * i).then(() => kill(name));
    },
  });
}
