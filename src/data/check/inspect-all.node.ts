import { availableParallelism } from "node:os";
import type { Worker } from "node:worker_threads";
import { unpackError } from "../../util/error-record.ts";
import { messageOf, ResourceError } from "../../util/errors.ts";
import { startWorker } from "../../util/worker-entry.node.ts";
import type { Inspected, Inspection, InspectOptions } from "./facts.ts";
import { inspectPair } from "./inspect.node.ts";
import type { InspectAnswer, InspectTask } from "./protocol.ts";

export interface InspectAllOptions extends InspectOptions {
  /** Threads that read; 0 reads in the calling thread. One a core, at most 8, where left out. */
  readonly workers?: number;
  /** Ends the reading by throwing the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Told every pair once it was read, with its position among all. */
type Tell = (position: number, inspection: Inspection) => void;

/** Pairs given to a thread at a time: enough for it to be busy, few enough for a smooth bar. */
const taskSize = 8;

/**
 * Reads all pairs in threads and tells each as it comes, not in order. What a thread holds does not grow with their number.
 * @throws ResourceError when a thread dies, the signal's reason when it aborts.
 */
export async function inspectAll(
  pairs: readonly Inspected[],
  tell: Tell,
  { workers = Math.min(availableParallelism(), 8), signal, masks }: InspectAllOptions = {},
): Promise<void> {
  const tasks = tasksOf(pairs);
  const threads = Math.min(workers, Math.ceil(pairs.length / taskSize));
  if (threads > 0) return inThreads(tasks, tell, threads, { masks }, signal);
  for (const [i, pair] of pairs.entries()) {
    signal?.throwIfAborted();
    tell(i, await inspectPair(pair, { masks }));
  }
}

function* tasksOf(pairs: readonly Inspected[]): Generator<InspectTask, undefined> {
  for (let from = 0; from < pairs.length; from += taskSize) {
    const part = pairs.slice(from, from + taskSize);
    yield { from, pairs: part.map(({ image, mask }) => ({ image, mask })) };
  }
}

async function inThreads(
  tasks: Generator<InspectTask, undefined>,
  tell: Tell,
  count: number,
  options: InspectOptions,
  signal: AbortSignal | undefined,
): Promise<void> {
  const threads = Array.from({ length: count }, () =>
    startWorker("inspect.worker.node", import.meta.url, { workerData: options }),
  );
  try {
    await Promise.all(threads.map((thread) => serve(thread, tasks, tell, signal)));
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

/** Gives a thread one task after the other until there are none. */
function serve(
  thread: Worker,
  tasks: Generator<InspectTask, undefined>,
  tell: Tell,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (): void => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const { value } = tasks.next();
      if (value === undefined) resolve();
      else thread.postMessage(value);
    };
    thread.on("message", (answer: InspectAnswer) => {
      try {
        if ("error" in answer) throw unpackError(answer.error);
        for (const [i, inspection] of answer.inspections.entries()) tell(answer.from + i, inspection);
        next();
      } catch (error) {
        reject(error);
      }
    });
    thread.on("error", (error) => reject(died(`failed: ${messageOf(error)}`, error)));
    thread.on("exit", (code) => reject(died(`ended with code ${code}`)));
    next();
  });
}

function died(reason: string, cause?: unknown): ResourceError {
  return new ResourceError(`data: a reading thread ${reason}`, {
    hint: "If memory ran out, use fewer workers, or cut very large pictures.",
    cause,
  });
}
