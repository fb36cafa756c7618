import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";

/** What tells a process from all others, now and later, here and on other machines. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Where its number means something: this start of the machine and this container. Empty where the system does not say. */
  readonly space: string;
  /** When it began, in the system's own units; undefined where the system does not say. */
  readonly birth?: string | undefined;
}

/** The identity of the running process. */
export async function thisProcess(): Promise<ProcessIdentity> {
  return {
    pid: process.pid,
    host: hostname(),
    space: await processSpace(),
    birth: (await statusOf(process.pid)).birth,
  };
}

/** Whether a process lives; undefined where that cannot be told from here. */
export async function isAlive({ pid, host, space, birth }: ProcessIdentity): Promise<boolean | undefined> {
  if (host !== hostname() || space !== (await processSpace())) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  const found = await statusOf(pid);
  if (found.ended) return false;
  // Its number may be that of a later process.
  return birth === undefined || found.birth === undefined ? undefined : birth === found.birth;
}

async function processSpace(): Promise<string> {
  const [boot, namespace] = await Promise.all([
    readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => ""),
    readlink("/proc/self/ns/pid").catch(() => ""),
  ]);
  return `${boot.trim()} ${namespace}`.trim();
}

/** What /proc/PID/stat tells after the name, which may hold anything: the state first, the start time twentieth. */
async function statusOf(pid: number): Promise<{ readonly ended: boolean; readonly birth: string | undefined }> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  // One that was killed stays as a zombie until its parent has asked how it ended.
  return { ended: fields[0] === "Z" || fields[0] === "X", birth: fields[19] };
}
