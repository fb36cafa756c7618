import { Interrupted } from "../util/errors.ts";
import type { Output } from "./output.ts";

/** Aborted by the first Ctrl-C, SIGTERM or SIGHUP (the terminal was closed); the second one leaves at once. */
export function interruptSignal(output: Output): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(name, () => {
      if (controller.signal.aborted) {
        output.clear();
        // Leaving by process.exit would end threads inside native code, which aborts the process.
        process.removeAllListeners(name);
        process.kill(process.pid, name);
      }
      controller.abort(new Interrupted(name));
      output.note("stopping when what is under way is done; press Ctrl-C again to leave at once");
    });
  return controller.signal;
}
