import { spawnSync } from "node:child_process";
import { readdir, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import { withFileLock } from "./file-lock.node.ts";

const ownedBy = (pid: number, host = hostname()) => JSON.stringify({ pid, host, id: "x" });

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

test("the lock of another machine is taken over when it shows no life", async () => {
  const file = join(await tempFolder(), "file");
  await writeFile(`${file}.lock`, ownedBy(1, "elsewhere"));
  const old = new Date(Date.now() - 60_000);
  await utimes(`${file}.lock`, old, old);
  expect(await withFileLock(file, () => Promise.resolve("done"))).toBe("done");
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
