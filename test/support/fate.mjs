/**
 * @file Loaded before the command line: what is to befall it when it has printed certain lines (`Fate` of cli.ts) does so from
 * inside. From outside it would come some lines later, and on a busy machine after the last one.
 */
import { rmSync, writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  const { lines = 1, like = "", signals = [], fileFor } = JSON.parse(process.env.FATE);
  const [pattern, write] = [new RegExp(like), process.stdout.write.bind(process.stdout)];
  let printed = 0;
  process.stdout.write = (text, ...rest) => {
    if (pattern.test(text) && ++printed === lines) befall();
    return write(text, ...rest);
  };
  const befall = () => {
    if (fileFor) {
      rmSync(fileFor, { recursive: true });
      writeFileSync(fileFor, "");
    }
    const [first, ...others] = signals;
    if (first) process.kill(process.pid, first);
    for (const [i, signal] of others.entries()) setTimeout(() => process.kill(process.pid, signal), 50 * (i + 1));
  };
}
