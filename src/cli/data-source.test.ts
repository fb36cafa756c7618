import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { folderEntries, tgzOf } from "../../test/support/archive.ts";
import { writeCamvid } from "../../test/support/camvid.ts";
import { tempFolder, writeDataset } from "../../test/support/dataset.ts";
import { type FileServer, fileServer } from "../../test/support/file-server.ts";
import { Interrupted, SegkitError } from "../util/errors.ts";
import type { CommandIo } from "./command.ts";
import { data } from "./commands/data.ts";
import { dataName, openData, recordedData } from "./data-source.ts";
import { Output } from "./output.ts";

let server: FileServer;
let home = "";
let printed = "";
let io: CommandIo;

beforeEach(async () => {
  server = await fileServer(tgzOf(await folderEntries(await writeCamvid(), "camvid")));
  home = join(await tempFolder(), "home");
  process.env.SEGKIT_HOME = home;
  process.env.SEGKIT_MIRROR = server.url;
  printed = "";
  const write = (text: string) => void (printed += text.replaceAll(home, "HOME").replaceAll(server.url, "URL"));
  const output = new Output({ json: false, out: write, err: write, terminal: false });
  io = { output, signal: new AbortController().signal };
});

afterEach(() => {
  delete process.env.SEGKIT_HOME;
  delete process.env.SEGKIT_MIRROR;
});

/** Exit code, message and hint of what was thrown. */
async function failure(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  if (!(error instanceof SegkitError)) throw new Error(`expected an error, but got ${String(error)}`);
  return `${error.exitCode}: ${error.message}\n→ ${error.hint}`.replaceAll(home, "HOME").replaceAll(server.url, "URL");
}

test("an address: downloaded, unpacked, checked; the next time only checked", async () => {
  const dataset = await openData(`${server.url}/camvid.tgz`, io);
  expect(dataset.root).toBe(join(home, "data", "camvid"));
  expect([dataset.classes.length, dataset.voidIndex, dataset.train.length, dataset.valid.length]).toEqual([
    32, 30, 7, 3,
  ]);
  const [first, second] = printed.split("\n");
  expect(first).toMatch(/^downloading camvid \(0\.0 MB\)$/);
  expect(second).toMatch(/^unpacking camvid \(0\.0 MB\)$/);
  expect(printed).toContain("HOME/data/camvid: 7 training and 3 validation pictures, 32 classes, checked in ");
  await openData(`${server.url}/camvid.tgz`, io);
  expect(server.requests).toEqual(["/camvid.tgz"]);
});

test("an archive on this machine", async () => {
  const archive = join(home, "..", "tiny.tgz");
  await writeFile(archive, tgzOf(await folderEntries(await writeDataset(), "tiny")));
  expect((await openData(archive, io)).root).toBe(join(home, "data", "tiny"));
  expect(server.requests).toEqual([]);
});

test("camvid and camvid-tiny, by name: what the server has is not them", async () => {
  for (const [name, file, bytes] of [
    ["camvid", "camvid", 598_913_237],
    ["camvid-tiny", "camvid_tiny", 2_314_212],
  ] as const)
    expect(await failure(openData(name, io))).toMatch(
      new RegExp(
        String.raw`^7: URL/${file}\.tgz: expected ${bytes} bytes, but the server sends \d+\n→ The file at that`,
      ),
    );
  expect(server.requests).toEqual(["/camvid.tgz", "/camvid_tiny.tgz"]);
});

test("a folder of the name of an archive is a folder, and a name nobody knows is said", async () => {
  const folder = join(home, "odd.tgz");
  await mkdir(folder, { recursive: true });
  expect(await failure(openData(folder, io))).toMatch(/^3: data: codes\.txt is missing/);
  expect(await failure(openData("camvit", io))).toBe("3: data: folder camvit does not exist\n→ Did you mean camvid?");
  expect(await failure(openData("nothing-like-it", io))).toMatchInlineSnapshot(`
    "3: data: folder nothing-like-it does not exist
    → Name a folder with images/, labels/, codes.txt and valid.txt, or one of: streets, camvid, camvid-tiny."
  `);
  expect(await failure(openData("nothing.tgz", io))).toMatchInlineSnapshot(`
    "3: data: there is no archive nothing.tgz
    → Give the path of a .tgz, .tar.gz or .tar file."
  `);
});

test("Ctrl-C while downloading keeps what came", async () => {
  server.next({ hangAfter: 1000 });
  const controller = new AbortController();
  const opened = openData(`${server.url}/camvid`, { ...io, signal: controller.signal });
  const abort = setInterval(() => printed !== "" && controller.abort(new Interrupted("SIGINT")), 10);
  expect(await failure(opened)).toMatch(/^130: interrupted by SIGINT/);
  clearInterval(abort);
  expect(await readdir(join(home, "data"))).toEqual(["camvid.tgz.part", "camvid.tgz.part.json"]);
});

test("what a run records and is named after", () => {
  expect(recordedData("camvid")).toBe("camvid");
  expect(recordedData("https://host/x.tgz")).toBe("https://host/x.tgz");
  expect(recordedData("x")).toBe(join(process.cwd(), "x"));
  const names = ["camvid", "a/b/", "https://host/x.tar.gz?key=a/b", "C:\\sets\\y.tgz", "/"].map(dataName);
  expect(names).toEqual(["camvid", "b", "x", "y", "data"]);
});

test("segkit data download", async () => {
  const dest = join(home, "..", "sets");
  await data.run(["download", `${server.url}/camvid.tgz`, "--dest", dest], io);
  expect(printed.trimEnd().split("\n").at(-1)).toBe(join(dest, "camvid"));
  await data.run(["download", `${server.url}/camvid.tgz`, "--dest", dest, "--force"], io);
  expect(server.requests.length).toBe(2);
  expect(await failure(data.run(["download"], io))).toMatchInlineSnapshot(`
    "2: data download: expected one dataset, but received none
    → Write segkit data download NAME."
  `);
  expect(await failure(data.run(["load", "camvid"], io))).toMatchInlineSnapshot(`
    "2: data: expected one of download, check, show, but received load
    → Write segkit data download NAME or segkit data check FOLDER or segkit data show FOLDER."
  `);
  expect(await failure(data.run(["download", "camvit"], io))).toMatchInlineSnapshot(`
    "3: data: there is no dataset camvit
    → Did you mean camvid?"
  `);
});
