import { SHARE_ENV, Worker } from "node:worker_threads";
import type { WorkerOptions } from "node:worker_threads";
import { ResourceError } from "./errors.ts";

/**
 * Starts the worker file `name` (without extension) beside the module `base`: the compiled `.js` in the built package,
 * or the `.ts` itself, through tsx, where the sources run directly (tests, development).
 * The thread shares the process's environment, where native libraries look, too. Throws a ResourceError when the system
 * starts no more threads.
 * @param base the `import.meta.url` of the caller.
 */
export function startWorker(name: string, base: string, options: WorkerOptions = {}): Worker {
  const settings: WorkerOptions = { env: SHARE_ENV, ...options };
  if (!new URL(base).pathname.endsWith(".ts")) return started(new URL(`./${name}.js`, base), settings);
  // `--import tsx` has no effect in the threads of Node 20, so the thread registers tsx itself.
  const tsx = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const file = JSON.stringify(new URL(`./${name}.ts`, base).href);
  const start = `import(${tsx}).then(({ register }) => { register(); return import(${file}); });`;
  return started(start, { ...settings, eval: true });
}

function started(...program: ConstructorParameters<typeof Worker>): Worker {
  try {
    return new Worker(...program);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_WORKER_INIT_FAILED") throw error;
    throw new ResourceError("the system starts no more threads: memory or their number has a limit here", {
      hint: "Close other programs, raise the limit, or take fewer --workers.",
      cause: error,
    });
  }
}
