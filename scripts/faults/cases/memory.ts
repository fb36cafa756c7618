import type { ChildOptions, Ended } from "../child.ts";
import type { Fault, Tried } from "../fault.ts";
import { endOf, type Laboratory } from "../laboratory.ts";
import { counted, refusal } from "../promises.ts";

const promise =
  "exit code 4 and a sentence, or V8 or the C library ends the process; nothing is lost: the run goes on to its end";

export const littleMemory: Fault = {
  title: "the system gives the process no more memory, from little to enough",
  promise,
  tries: (laboratory) => untilEnough(laboratory, 200, 50, (megabytes) => ({ memory: megabytes * 2 ** 20 })),
};

export const smallHeap: Fault = {
  title: "V8's own heap is full (`--max-old-space-size`), from little to enough",
  promise,
  tries: (laboratory) =>
    untilEnough(laboratory, 16, 8, (megabytes) => ({ node: [`--max-old-space-size=${megabytes}`] })),
};

/** Trains with more and more memory, until a run comes to its end. */
async function untilEnough(
  laboratory: Laboratory,
  least: number,
  step: number,
  limit: (megabytes: number) => Partial<ChildOptions>,
): Promise<Tried> {
  const broken: string[] = [];
  const ends: string[] = [];
  for (
    let megabytes = least, enough = false;
    !enough && megabytes < 50 * least;
    megabytes += step * laboratory.stride
  ) {
    const run = laboratory.name();
    const ended = await laboratory.train(run, limit(megabytes));
    enough = ended.code === 0;
    ends.push(isEndedBelow(ended) ? "ended from below" : `exit code ${ended.code ?? ended.signal}`);
    broken.push(...(await judged(laboratory, run, ended)).map((text) => `${megabytes} MB: ${text}`));
    await laboratory.remove(run);
  }
  return { tries: ends.length, broken, outcome: counted(ends) };
}

async function judged(laboratory: Laboratory, run: string, ended: Ended): Promise<string[]> {
  const wrong = ended.code === 0 || isEndedBelow(ended) ? [] : refusal(ended, 4);
  const again = ended.code === 0 ? ended : await laboratory.train(run);
  if (again.code !== 0) return [...wrong, `it cannot be resumed: ${endOf(again)}`];
  // Batch norms see another batch where it was computed in parts, which a resumed run goes on doing.
  const split = /pictures? at (once|a time)/.test(ended.stderr + again.stderr);
  return [...wrong, ...(split ? [] : await laboratory.same(run))];
}

/** Whether V8 or the C library found no memory for itself: they end the process then, whatever that does. */
function isEndedBelow({ signal, stderr }: Ended): boolean {
  return (
    (signal === "SIGABRT" || signal === "SIGTRAP") &&
    /heap out of memory|(process|javascript) (OOM|out of memory)|libgcc_s\.so\.1 must be installed/.test(stderr)
  );
}
