/** @file Datasets from a server, through the built command line: killed, continued, opened and refused. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { folderEntries, tgzOf } from "./support/archive.ts";
import { writeCamvid } from "./support/camvid.ts";
import { eventsOf, segkit } from "./support/cli.ts";
import { tempFolder } from "./support/dataset.ts";
import { fileServer } from "./support/file-server.ts";

test("a download that was killed goes on, and what it brings is trained on", async () => {
  const server = await fileServer(tgzOf(await folderEntries(await writeCamvid(), "camvid")));
  const cwd = await tempFolder();
  const env = { SEGKIT_HOME: join(cwd, "home") };
  const part = join(cwd, "home", "data", "camvid.tgz.part");
  server.next({ hangAfter: 1000 });
  const killed = await segkit(["data", "download", `${server.url}/camvid`, "--json"], {
    cwd,
    env,
    onLine: (_, process) => void untilSize(part, 1000).then(() => process.kill("SIGKILL")),
  });
  expect(killed.signal).toBe("SIGKILL");
  expect(await readdir(join(cwd, "home", "data"))).toContain("camvid.tgz.lock");

  const options = ["--encoder", "mobilenetV3Large", "--size", "32x48", "--bs", "2", "--epochs", "1", "--threads", "1"];
  const trained = await segkit(["train", "--data", `${server.url}/camvid`, ...options, "--json"], { cwd, env });
  expect(trained.stderr.replaceAll(/note: .*\n/g, "")).toBe("");
  expect(trained.code).toBe(0);
  expect(server.requests).toEqual(["/camvid.tgz", "/camvid.tgz bytes=1000-"]);
  const [start] = eventsOf(trained).filter(({ event }) => event === "start");
  expect(start?.run).toBe(join("runs", "train", "camvid"));
  expect((await readdir(join(cwd, "home", "data"))).toSorted()).toEqual(["camvid", "camvid.tgz"]);

  const validated = await segkit(["validate", join("runs", "train", "camvid"), "--threads", "1"], { cwd, env });
  expect(validated.code).toBe(0);
  expect(server.requests.length).toBe(2);
});

test("an unsafe archive ends with exit code 7", async () => {
  const server = await fileServer(tgzOf([{ path: "x/../../evil", body: "x" }]));
  const cwd = await tempFolder();
  const { code, stderr } = await segkit(["train", "--data", `${server.url}/x.tgz`], {
    cwd,
    env: { SEGKIT_HOME: join(cwd, "home") },
  });
  expect(`${code} ${stderr.replaceAll(cwd, "CWD")}`).toMatchInlineSnapshot(`
    "7 segkit: CWD/home/data/x.tgz: entry "x/../../evil" leads out of the archive's folder
      Get the archive again from a source you trust.
    "
  `);
  expect(await readdir(cwd)).toEqual(["home"]);
});

async function untilSize(file: string, bytes: number): Promise<void> {
  for (;;) {
    if ((await stat(file).catch(() => null))?.size === bytes) return;
    await sleep(20);
  }
}
