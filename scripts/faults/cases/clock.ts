import { readFile } from "node:fs/promises";
import type { Fault } from "../fault.ts";
import { endOf } from "../laboratory.ts";
import { preload } from "../preload.ts";

export const clockBack: Fault = {
  title: "the clock is set back by a minute, a day or ten years, again and again",
  promise: "nothing; the end is bit-equal, and no time is negative",
  async tries(laboratory) {
    const broken: string[] = [];
    const times = [60, 86_400, 315_360_000];
    for (const seconds of times) {
      const run = laboratory.name();
      const ended = await laboratory.train(run, preload("clock", { seconds }));
      const wrong = ended.code === 0 ? await laboratory.same(run) : [endOf(ended)];
      const results = await readFile(laboratory.path(run, "results.csv"), "utf8").catch(() => "");
      if (!/,\d\d:\d\d\n/.test(results) || /,-|–/.test(results)) wrong.push(`times are wrong: ${results}`);
      broken.push(...wrong.map((text) => `${seconds} s: ${text}`));
      await laboratory.remove(run);
    }
    return { tries: times.length, broken, outcome: "" };
  },
};
