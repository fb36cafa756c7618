import type { Fault, Tried } from "../fault.ts";
import type { Laboratory } from "../laboratory.ts";
import { preload } from "../preload.ts";
import { counted } from "../promises.ts";
import { judged } from "./full-disk.ts";

export const loaderThread: Fault = {
  title: "a decoding thread dies, once, at a random batch",
  promise: "another makes its batches; the end is bit-equal",
  // It is asked for 24 batches.
  tries: (laboratory, random) => atMoments(laboratory, "loader.worker", () => random.integer(20), [0]),
};

export const engineThread: Fault = {
  title: "the computing thread dies at a random call",
  promise: "exit code 4 and a sentence that names what is safe; the end is bit-equal",
  tries: (laboratory, random) => atMoments(laboratory, "engine.worker", () => random.integer(40), [4]),
};

async function atMoments(
  laboratory: Laboratory,
  file: string,
  moment: () => number,
  codes: readonly number[],
): Promise<Tried> {
  const broken: string[] = [];
  const ends: string[] = [];
  for (let i = 0; i < Math.ceil(8 / laboratory.stride); i++) {
    const run = laboratory.name();
    const at = moment();
    const ended = await laboratory.train(run, preload("threads", { file, at }));
    ends.push(`exit code ${ended.code}`);
    const wrong = codes.includes(ended.code ?? -1) ? [] : [`exit code ${ended.code}`];
    wrong.push(...(await judged(laboratory, run, ended)));
    broken.push(...wrong.map((text) => `at call ${at}: ${text}`));
    await laboratory.remove(run);
  }
  return { tries: ends.length, broken, outcome: counted(ends) };
}
