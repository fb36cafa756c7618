import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
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

/** Removes a lock whose owner is dead. The rename lets only one of those who found it so go on. */
async function takeAway(lock: string): Promise<boolean> {
  const owner = await readOwner(lock);
  if (owner === null) return true;
  if (await isAlive(lock, owner)) return false;
  const aside = `${lock}.${randomUUID().slice(0, 8)}.tmp`;
  if (
    !(await rename(lock, aside)
      .then(() => true)
      .catch(() => false))
  )
    return true;
  const taken = await readOwner(aside);
  // Somebody else was faster, and this is already the next owner's lock.
  if (taken === owner) await rm(aside, { force: true });
  else await rename(aside, lock).catch(() => {});
  return taken === owner;
}

async function isAlive(lock: string, owner: string): Promise<boolean> {
  const age = await stat(lock)
    .then(({ mtimeMs }) => Date.now() - mtimeMs)
    .catch(() => Infinity);
  if (age > abandoned) return false;
  const { pid, host } = parseOwner(owner);
  if (pid === undefined || host !== hostname()) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
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
