/**
 * @file Loaded before the command line: once it has printed `SIGNAL_AFTER.lines` lines, it sends itself the signals, 50 ms apart.
 * From outside they come some lines later, and on a busy machine after the last one.
 */
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  const { lines, signals } = JSON.parse(process.env.SIGNAL_AFTER);
  const write = process.stdout.write.bind(process.stdout);
  let printed = 0;
  process.stdout.write = (text, ...rest) => {
    if (++printed === lines)
      for (const [i, signal] of signals.entries()) {
        if (i === 0) process.kill(process.pid, signal);
        else setTimeout(() => process.kill(process.pid, signal), 50 * i);
      }
    return write(text, ...rest);
  };
}
