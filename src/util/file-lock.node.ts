import { randomUUID } from "node:crypto";
import { type FileHandle, open, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError, ResourceError } from "./errors.ts";
import { reasonOf } from "./files.node.ts";
import { leftUndone, LockWatch, ownerOf, readLock } from "./lock-watch.node.ts";
import { thisProcess } from "./process-identity.node.ts";

export interface FileLockOptions {
  readonly signal?: AbortSignal;
  /** Told once, when another process has the lock, or may have it, and this one waits. */
  readonly onWait?: () => void;
  /** Milliseconds without a heartbeat after which an owner that cannot be asked for is taken for dead; default 20,000. */
  readonly abandoned?: number;
}

/** A lock that this process has. */
export interface HeldFile {
  /** Whether the process that had it before has died with it, or given it back before its work was done. */
  readonly wasLeft: boolean;
  /** Throws a ConfigError where the lock has become another's. */
  check(): Promise<void>;
  /** Gives it back; where the work is not done, its next owner will see that it was left. */
  release(done?: boolean): Promise<void>;
}

const heartbeat = 2000;
const defaultAbandoned = 20_000;

/**
 * Does something that only one process at a time may do to `file`: others wait until it is done. The lock is a file
 * `<file>.lock` beside it; one whose owner has died is taken over.
 * @throws ResourceError if the lock cannot be written; the signal's reason when waiting is aborted.
 */
export async function withFileLock<T>(file: string, work: () => Promise<T>, options: FileLockOptions = {}): Promise<T> {
  const lock = `${file}.lock`;
  const held = await acquire(lock, lock, options, async () => {});
  try {
    return await work();
  } finally {
    await held.release();
  }
}

/**
 * Takes a lock, the file named, for as long as this process works on `what`. Where its owner cannot be asked for, as on
 * another machine, a sign of life is waited for.
 * @throws ConfigError where another process has it; ResourceError if it cannot be written; the signal's reason.
 */
export function holdFile(lock: string, what: string, options: FileLockOptions = {}): Promise<HeldFile> {
  return acquire(lock, what, options, async () => {
    throw await inUse(lock, what);
  });
}

/**
 * Whether a lock's owner has died or given it back before its work was done; false where there is none. Waits for a sign of
 * life as `holdFile`. Throws the signal's reason.
 */
export async function isLeft(lock: string, options: FileLockOptions = {}): Promise<boolean> {
  const { signal, onWait, abandoned = defaultAbandoned } = options;
  const watch = new LockWatch(lock, abandoned);
  for (let waited = false; ; waited = true) {
    const state = await watch.look();
    if (state !== "unknown") return state === "dead";
    if (!waited) onWait?.();
    await sleep(500, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
  }
}

/** Takes a lock as soon as nobody has it. `onHeld` is called where its owner is known to live. */
async function acquire(
  lock: string,
  what: string,
  { signal, onWait, abandoned = defaultAbandoned }: FileLockOptions,
  onHeld: () => Promise<void>,
): Promise<HeldFile> {
  const own = JSON.stringify({ ...(await thisProcess()), id: randomUUID() });
  const [other, guard] = [new LockWatch(lock, abandoned), new LockWatch(`${lock}.guard`, abandoned)];
  let wasLeft = false;
  for (let wait = 50, waited = false; ; wait = Math.min(wait * 2, 1000)) {
    signal?.throwIfAborted();
    const handle = await create(lock, own);
    if (handle) return hold({ lock, what, own, handle, wasLeft });
    const state = await other.look();
    if (state === "dead") wasLeft = await takeAway(other, guard);
    if (state === "dead" || state === "free") continue;
    if (state === "alive") await onHeld();
    if (!waited) onWait?.();
    waited = true;
    await sleep(wait, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
  }
}

/** Creates a file that is not there yet; null where it is. */
async function create(lock: string, text: string): Promise<FileHandle | null> {
  try {
    const handle = await open(lock, "wx");
    await handle.writeFile(text).catch(async (error: unknown) => {
      await handle.close();
      await rm(lock, { force: true });
      throw error;
    });
    return handle;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return null;
    throw new ResourceError(`${lock} cannot be written: ${reasonOf(error)}`, {
      hint: "Free some disk space, or choose a folder that can be written.",
      cause: error,
    });
  }
}

interface Held extends Pick<HeldFile, "wasLeft"> {
  readonly lock: string;
  readonly what: string;
  /** What is written into it. */
  readonly own: string;
  readonly handle: FileHandle;
}

function hold({ lock, what, own, handle, wasLeft }: Held): HeldFile {
  // Of the file that was created, not of its name, which may be another's by now.
  const beat = setInterval(() => void handle.utimes(new Date(), new Date()).catch(() => {}), heartbeat);
  beat.unref();
  return {
    wasLeft,
    async check() {
      const text = await readLock(lock);
      if (text === own) return;
      if (text !== null) throw await inUse(lock, what);
      // Somebody has removed it, and nobody taken it since. What keeps it from being written will keep other files too.
      await (await create(lock, own).catch(() => null))?.close();
    },
    async release(done = true) {
      clearInterval(beat);
      await handle.close().catch(() => {});
      if ((await readLock(lock)) !== own) return;
      // What cannot be removed or written is as good as left by this process, once it has ended.
      await (done ? rm(lock, { force: true }) : writeFile(lock, leftUndone)).catch(() => {});
    },
  };
}

/**
 * Removes a lock whose owner is dead; whether it did. Only who holds the guard `<lock>.guard` removes another's lock, and
 * looks at it again before: between a look and a removal without one, the lock could have become somebody else's.
 */
async function takeAway(lock: LockWatch, guard: LockWatch): Promise<boolean> {
  const handle = await create(guard.file, "");
  if (!handle) {
    // Held for a moment only, unless its owner died in that moment.
    if ((await guard.look()) === "dead") await rm(guard.file, { force: true });
    else await sleep(20);
    return false;
  }
  try {
    if ((await lock.look()) !== "dead") return false;
    await rm(lock.file, { force: true });
    return true;
  } finally {
    await handle.close();
    await rm(guard.file, { force: true });
  }
}

async function inUse(lock: string, what: string): Promise<ConfigError> {
  const owner = ownerOf((await readLock(lock)) ?? "");
  const by = owner ? `process ${owner.pid} on ${owner.host}` : "another process";
  return new ConfigError(`${what} is in use by ${by}`, {
    hint: "Wait until that has ended, or choose another folder.",
  });
}
