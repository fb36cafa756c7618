import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import { breakDisk } from "../../test/support/faulty-disk.ts";
import { holdFile, withFileLock } from "./file-lock.node.ts";
import { thisProcess } from "./process-identity.node.ts";

const { space, birth } = await thisProcess();
const ownedBy = (pid: number, host = hostname()) => JSON.stringify({ pid, host, space, birth, id: "x" });

test("one at a time, and nothing is left", async () => {
  const folder = await tempFolder();
  const events: string[] = [];
  const work = (name: string) =>
    withFileLock(join(folder, "file"), async () => {
      events.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      events.push(`${name} ends`);
    });
  await Promise.all([work("a"), work("b"), work("c")]);
  for (let i = 0; i < events.length; i += 2) expect(events[i]!.split(" ")[0]).toBe(events[i + 1]!.split(" ")[0]);
  expect(await readdir(folder)).toEqual([]);
});

test("an error of the work passes, and the lock is free again", async () => {
  const file = join(await tempFolder(), "file");
  await expect(withFileLock(file, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(await withFileLock(file, () => Promise.resolve(1))).toBe(1);
});

test("the lock of a dead process is taken over by one of those who wait", async () => {
  const file = join(await tempFolder(), "file");
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  let inside = 0;
  const work = async () => {
    expect(++inside).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    inside--;
  };
  for (let i = 0; i < 3; i++) {
    await writeFile(`${file}.lock`, ownedBy(pid));
    await Promise.all(Array.from({ length: 5 }, () => withFileLock(file, work)));
  }
});

describe("a lock of another machine, whose clock may be wrong", () => {
  const times = { past: new Date(0), "to come": new Date(Date.now() + 3_600_000) };

  test.each(Object.entries(times))("is taken over when it shows no life, its time being %s", async (_, time) => {
    const file = join(await tempFolder(), "file");
    await writeFile(`${file}.lock`, ownedBy(1, "elsewhere"));
    await utimes(`${file}.lock`, time, time);
    const start = performance.now();
    expect(await withFileLock(file, () => Promise.resolve("done"), { abandoned: 300 })).toBe("done");
    expect(performance.now() - start).toBeGreaterThan(300);
  });

  test("is left to its owner as long as its time changes, backwards too", async () => {
    const lock = join(await tempFolder(), "run.lock");
    await writeFile(lock, ownedBy(1, "elsewhere"));
    let seconds = 1e6;
    const beat = setInterval(() => void utimes(lock, --seconds, seconds), 20);
    const held = holdFile(lock, "the folder", { abandoned: 60_000 });
    await expect(held).rejects.toMatchObject({
      exitCode: 2,
      message: "the folder is in use by process 1 on elsewhere",
    });
    clearInterval(beat);
  });
});

test("waiting for a living owner is told once, and can be aborted", async () => {
  const file = join(await tempFolder(), "file");
  await writeFile(`${file}.lock`, ownedBy(process.pid));
  const controller = new AbortController();
  let told = 0;
  const onWait = () => {
    told++;
    setTimeout(() => controller.abort(new Error("enough")), 200);
  };
  const waiting = withFileLock(file, () => Promise.resolve(), { signal: controller.signal, onWait });
  await expect(waiting).rejects.toThrow("enough");
  expect(told).toBe(1);
});

describe("holdFile", () => {
  test.each([0, 1])("says why it cannot be written, at its call %i, and leaves nothing", async (at) => {
    const folder = await tempFolder();
    const lock = join(folder, "run.lock");
    const disk = await breakDisk({ folder, at });
    const error: unknown = await holdFile(lock, "here").catch((thrown: unknown) => thrown);
    disk.mend();
    expect(error).toMatchObject({ exitCode: 4, message: `${lock} cannot be written: the disk is full` });
    expect(await readdir(folder)).toEqual([]);
    await (await holdFile(lock, "here")).release();
  });

  test("refuses at once what a living process holds, and takes what a dead one has left", async () => {
    const lock = join(await tempFolder(), "run.lock");
    const child = spawn(process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1000)"]);
    await once(child.stdout, "data");
    const status = await readFile(`/proc/${child.pid}/stat`, "utf8").catch(() => "");
    const born = status.slice(status.lastIndexOf(")") + 2).split(" ")[19];
    await writeFile(lock, JSON.stringify({ pid: child.pid, host: hostname(), space, birth: born, id: "x" }));
    const beat = setInterval(() => void utimes(lock, new Date(), Math.random()), 20);
    await expect(holdFile(lock, "here")).rejects.toThrow(`here is in use by process ${child.pid} on ${hostname()}`);
    clearInterval(beat);
    child.kill("SIGKILL");
    await once(child, "exit");
    const held = await holdFile(lock, "here");
    expect(held.wasLeft).toBe(true);
    await held.check();
    await held.release();
    expect(await readdir(join(lock, ".."))).toEqual([]);
    const again = await holdFile(lock, "here");
    expect(again.wasLeft).toBe(false);
    await again.release();
  });

  test.runIf(birth !== undefined)("a later process of the same number is not the owner", async () => {
    const lock = join(await tempFolder(), "run.lock");
    await writeFile(lock, JSON.stringify({ pid: process.pid, host: hostname(), space, birth: "1", id: "x" }));
    const held = await holdFile(lock, "here");
    expect(held.wasLeft).toBe(true);
    await held.release();
  });

  test("what is given back before the work is done is left to the next", async () => {
    const lock = join(await tempFolder(), "run.lock");
    await (await holdFile(lock, "here")).release(false);
    const next = await holdFile(lock, "here");
    expect(next.wasLeft).toBe(true);
    await next.release();
    expect(await readdir(join(lock, ".."))).toEqual([]);
  });

  test("twice in one process is refused", async () => {
    const lock = join(await tempFolder(), "run.lock");
    const held = await holdFile(lock, "here");
    await expect(holdFile(lock, "here")).rejects.toThrow(`here is in use by process ${process.pid}`);
    await held.release();
  });

  test("check finds out that another has it; one that was removed is put back", async () => {
    const lock = join(await tempFolder(), "run.lock");
    const held = await holdFile(lock, "here");
    const own = await readFile(lock, "utf8");
    await rm(lock);
    await held.check();
    expect(await readFile(lock, "utf8")).toBe(own);
    await writeFile(lock, ownedBy(77, "elsewhere"));
    await expect(held.check()).rejects.toThrow("is in use by process 77 on elsewhere");
    await held.release();
    expect(await readFile(lock, "utf8")).toBe(ownedBy(77, "elsewhere"));
  });
});
