import { randomUUID } from "node:crypto";
import { open, readFile, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, ResourceError } from "./errors.ts";

export interface FileLockOptions {
  readonly signal?: AbortSignal;
  /** Told once, when another process has the lock and this one waits for it. */
  readonly onWait?: () => void;
}

const heartbeat = 2000;
/** Milliseconds without a heartbeat after which a lock's owner is taken for dead. */
const abandoned = 20_000;

/**
 * Does something that only one process at a time may do to `file`: others wait until it is done. The lock is a file
 * `<file>.lock` beside it; one whose owner has died is taken over.
 * @throws ResourceError if the lock cannot be written; the signal's reason when waiting is aborted.
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>, options: FileLockOptions = {}): Promise<T> {
  const lock = `${file}.lock`;
  const owner = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() });
  await acquire(lock, owner, options);
  const beat = setInterval(() => void utimes(lock, new Date(), new Date()).catch(() => {}), heartbeat);
  beat.unref();
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if ((await readOwner(lock)) === owner) await rm(lock, { force: true });
  }
}

async function acquire(lock: string, owner: string, { signal, onWait }: FileLockOptions): Promise<void> {
  for (let wait = 50, waited = false; ; wait = Math.min(wait * 2, 1000)) {
    signal?.throwIfAborted();
    if (await create(lock, owner)) return;
    if (await takeAway(lock)) continue;
    if (!waited) onWait?.();
    waited = true;
    await sleep(wait, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
  }
}

async function create(lock: string, owner: string): Promise<boolean> {
  try {
    const handle = await open(lock, "wx");
    try {
      await handle.writeFile(owner);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new ResourceError(`${lock} cannot be written: ${messageOf(error)}`, {
      hint: "Choose a folder that can be written.",
      cause: error,
    });
  }
}

/**
 * Removes a lock whose owner is dead; true where the lock is free to be tried for again. Only who holds the guard
 * `<file>.lock.guard` removes another's lock, and looks at it again before: between a look and a removal without one, the
 * lock could have become somebody else's.
 */
async function takeAway(lock: string): Promise<boolean> {
  const found = await stateOf(lock);
  if (found !== "dead") return found === "free";
  const guard = `${lock}.guard`;
  if (!(await create(guard, ""))) {
    // Held for a moment only, unless its owner died in that moment.
    if ((await age(guard)) > abandoned) await rm(guard, { force: true });
    return false;
  }
  try {
    if ((await stateOf(lock)) === "dead") await rm(lock, { force: true });
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

/** Milliseconds since a file's last heartbeat; 0 for one that is gone. */
async function age(file: string): Promise<number> {
  return stat(file)
    .then(({ mtimeMs }) => Date.now() - mtimeMs)
    .catch(() => 0);
}

async function stateOf(lock: string): Promise<"free" | "held" | "dead"> {
  const owner = await readOwner(lock);
  if (owner === null) return "free";
  if ((await age(lock)) > abandoned) return "dead";
  const { pid, host } = parseOwner(owner);
  if (pid === undefined || host !== hostname()) return "held";
  try {
    process.kill(pid, 0);
    return "held";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH" ? "dead" : "held";
  }
}

/** Empty while the owner is still writing it. */
function parseOwner(text: string): { readonly pid?: number; readonly host?: string } {
  try {
    return JSON.parse(text) as { pid?: number; host?: string };
  } catch {
    return {};
  }
}

async function readOwner(lock: string): Promise<string | null> {
  return readFile(lock, "utf8").catch(() => null);
}
