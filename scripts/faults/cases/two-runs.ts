import type { Fault } from "../fault.ts";
import type { Ended } from "../child.ts";
import { refusal } from "../promises.ts";

export const twoRuns: Fault = {
  title: "another run begins in the folder of one that is under way, at a random batch",
  promise: "exit code 2 and a sentence that names the other; the first one's end is bit-equal",
  async tries(laboratory, random) {
    const broken: string[] = [];
    const count = Math.ceil(4 / laboratory.stride);
    for (let i = 0; i < count; i++) {
      const run = laboratory.name();
      const after = random.integer(10);
      let batches = 0;
      let second: Promise<Ended> | undefined;
      let pid = 0;
      const first = await laboratory.train(run, {
        onLine(line, running) {
          if (!line.includes('"event":"batch"') || batches++ !== after) return;
          pid = running.pid;
          second = laboratory.train(run);
        },
      });
      broken.push(...(first.code === 0 ? [] : [first.stderr]), ...(await laboratory.same(run)));
      broken.push(...refusal(await second!, 2, new RegExp(`is in use by process ${pid} on |already holds a run`)));
      await laboratory.remove(run);
    }
    return { tries: count, broken, outcome: "" };
  },
};
