import { mkdir, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { folderEntries, tgzOf } from "../../../test/support/archive.ts";
import { camvidClasses, writeCamvid } from "../../../test/support/camvid.ts";
import { tempFolder } from "../../../test/support/dataset.ts";
import { type FileServer, fileServer } from "../../../test/support/file-server.ts";
import { SegkitError } from "../../util/errors.ts";
import { checkDataset } from "../check.node.ts";
import { openFolder } from "../folder.node.ts";
import type { Config } from "./config.node.ts";
import { untarData, type UntarOptions } from "./untar.node.ts";
import { checkOf, URLs } from "./urls.ts";

const files = (text: string) =>
  tgzOf([
    { path: "toy/codes.txt", body: text },
    { path: "toy/images/a.png", body: "a" },
  ]);

let server: FileServer;
let root = "";
let config: Config;
let url = "";
let folder = "";

beforeEach(async () => {
  server = await fileServer(files("one"));
  root = await tempFolder();
  const home = join(root, "home");
  config = {
    home,
    dataPath: join(home, "data"),
    dataArchivePath: join(home, "archives"),
    modelPath: join(home, "models"),
  };
  url = `${server.url}/sets/toy`;
  folder = join(config.dataPath, "toy");
});

const untar = (source = url, options: UntarOptions = {}) => untarData(source, { config, cwd: root, ...options });
const text = (of = folder) => readFile(join(of, "codes.txt"), "utf8");

/** Exit code, message and hint of an error. */
async function failure(source = url, options: UntarOptions = {}): Promise<string> {
  const error: unknown = await untar(source, options).catch((thrown: unknown) => thrown);
  if (!(error instanceof SegkitError)) throw new Error(`expected an error, but got ${String(error)}`);
  return `${error.exitCode}: ${error.message}\n→ ${error.hint}`.replaceAll(server.url, "URL").replaceAll(root, "ROOT");
}

describe("from a server", () => {
  test("downloaded and unpacked once; the folder is enough afterwards", async () => {
    const phases = new Set<string>();
    expect(await untar(url, { onProgress: (phase) => phases.add(phase) })).toBe(folder);
    expect([...phases]).toEqual(["downloading", "unpacking"]);
    expect(server.requests).toEqual(["/sets/toy.tgz"]);
    expect((await readdir(folder)).toSorted()).toEqual([".origin.json", "codes.txt", "images"]);
    expect(await readdir(config.dataPath)).toEqual(["toy"]);
    expect(await readdir(config.dataArchivePath)).toEqual(["toy.tgz"]);
    expect(await readdir(config.home)).toContain("config.yml");
    await rm(config.dataArchivePath, { recursive: true });
    expect(await untar()).toBe(folder);
    expect(server.requests.length).toBe(1);
  });

  test("the archive is enough too, and force asks for both", async () => {
    await untar();
    await rm(folder, { recursive: true });
    await untar();
    expect(server.requests.length).toBe(1);
    await writeFile(join(folder, "mine.txt"), "");
    server.serve(files("two"));
    await untar(url, { forceDownload: true });
    expect(server.requests.length).toBe(2);
    expect(await text()).toBe("two");
    expect(await readdir(folder)).not.toContain("mine.txt");
  });

  test("a forced download that fails leaves what was there", async () => {
    await untar();
    server.next({ status: 404 });
    expect(await failure(url, { forceDownload: true })).toContain(
      "4: URL/sets/toy.tgz: the server answered 404 Not Found",
    );
    expect(await text()).toBe("one");
    server.serve(files("two").subarray(0, 40));
    expect(await failure(url, { forceDownload: true })).toMatch(
      /^7: .*toy\.tgz is damaged or truncated: it ends in the middle/,
    );
    expect(await text()).toBe("one");
    expect(await readdir(config.dataPath)).toEqual(["toy"]);
    // The damaged archive is gone, so that the next try gets a new one.
    expect(await readdir(config.dataArchivePath)).toEqual([]);
  });

  test("dest, fname, weights, and an address that has its extension", async () => {
    expect(await untar(`${url}.tar.gz?key=1`, { dest: "elsewhere", fname: "x/my.tgz" })).toBe(
      join(root, "elsewhere", "toy"),
    );
    expect(await readdir(join(root, "x"))).toEqual(["my.tgz"]);
    expect(await untar(url, { data: false })).toBe(join(config.modelPath, "toy"));
    expect(server.requests).toEqual(["/sets/toy.tar.gz?key=1", "/sets/toy.tgz"]);
  });

  test("data/ of the working folder goes before the configuration", async () => {
    await mkdir(join(root, "data"));
    await writeFile(join(root, "data", "toy.tgz"), files("local"));
    expect(await untar()).toBe(join(root, "data", "toy"));
    expect(await text(join(root, "data", "toy"))).toBe("local");
    await rm(join(root, "data"), { recursive: true });
    await mkdir(join(root, "data", "toy"), { recursive: true });
    expect(await untar()).toBe(join(root, "data", "toy"));
    expect(server.requests).toEqual([]);
  });

  test("an aborted download goes on later; an aborted unpacking leaves no folder", async () => {
    server.next({ hangAfter: 50 });
    for (const when of ["downloading", "unpacking"]) {
      const controller = new AbortController();
      const reason = new Error(when);
      const onProgress = (phase: string, done: number) => phase === when && done > 0 && controller.abort(reason);
      await expect(untar(url, { signal: controller.signal, onProgress })).rejects.toBe(reason);
      expect((await readdir(config.dataPath)).filter((name) => name.startsWith("toy"))).toEqual([]);
    }
    expect(server.requests).toEqual(["/sets/toy.tgz", "/sets/toy.tgz bytes=50-"]);
    await untar();
    expect(await text()).toBe("one");
  });

  test("what a killed unpacking left is cleared away", async () => {
    await mkdir(join(config.dataPath, "toy.unpacking"), { recursive: true });
    await writeFile(join(config.dataPath, "toy.unpacking", "half"), "");
    await untar();
    expect((await readdir(folder)).includes("half")).toBe(false);
    expect(await readdir(config.dataPath)).toEqual(["toy"]);
  });

  test("two at once", async () => {
    expect(await Promise.all([untar(), untar()])).toEqual([folder, folder]);
    expect(server.requests.length).toBe(1);
  });

  test("another dataset of the same name is not mistaken for it", async () => {
    await untar();
    expect(await failure(`${server.url}/others/toy`)).toMatchInlineSnapshot(`
      "2: data: ROOT/home/data/toy was unpacked from URL/sets/toy, not from URL/others/toy
      → Unpack it into another folder (segkit data download … --dest DIR), or remove that one."
    `);
    // A folder of the user's own is taken as it is.
    await rm(join(folder, ".origin.json"));
    expect(await untar(`${server.url}/others/toy`)).toBe(folder);
  });

  test("an archive whose top folder has another name, or that has none", async () => {
    server.serve(
      tgzOf([
        { path: "__MACOSX/._x", body: "" },
        { path: "other/codes.txt", body: "other" },
      ]),
    );
    expect(await text(await untar())).toBe("other");
    server.serve(tgzOf([{ path: "codes.txt", body: "top" }, { path: "images/a.png" }]));
    expect(await text(await untar(url, { forceDownload: true }))).toBe("top");
    server.serve(tgzOf([{ path: "__MACOSX/._x", body: "" }]));
    expect(await failure(url, { forceDownload: true })).toContain("is an empty archive");
  });

  test("an unsafe archive leaves nothing", async () => {
    server.serve(tgzOf([{ path: "toy/codes.txt" }, { path: "../../evil", body: "x" }]));
    expect(await failure()).toContain(`toy.tgz: entry "../../evil" leads out of the archive's folder`);
    expect(await readdir(root)).toEqual(["home"]);
    expect(await readdir(config.dataPath)).toEqual([]);
  });

  test("names that cannot be a folder's", async () => {
    expect(await failure(`${server.url}/..%2f`)).toMatch(/^2: data: .* does not end with a dataset's name/);
    expect(await failure(server.url)).toMatch(/^2: data: .* does not end with a dataset's name/);
  });
});

describe("from an archive on this machine", () => {
  test("by path, by file address, and again when it has changed", async () => {
    const archive = join(root, "toy.tgz");
    await writeFile(archive, files("first"));
    expect(await untar(archive)).toBe(folder);
    expect(await text()).toBe("first");
    await writeFile(join(folder, "mine.txt"), "");
    expect(await untar(pathToFileURL(archive).href)).toBe(folder);
    await utimes(archive, 1, 1);
    await untar(archive);
    expect(await readdir(folder)).toContain("mine.txt");
    const notes: string[] = [];
    await writeFile(archive, files("second"));
    await untar(archive, { onNote: (note) => notes.push(note.replaceAll(root, "ROOT")) });
    expect(await text()).toBe("second");
    expect(notes).toEqual(["toy is another version than the one in ROOT/home/data/toy, which is replaced"]);
    expect(server.requests).toEqual([]);
    // A copy of it is the same; another one is not.
    await writeFile(join(root, "toy.tar"), gunzipSync(files("second")));
    await mkdir(join(root, "copy"));
    await writeFile(join(root, "copy", "toy.tgz"), files("second"));
    expect(await untar(join(root, "copy", "toy.tgz"))).toBe(folder);
    expect(await failure(join(root, "toy.tar"))).toContain("was unpacked from ROOT/toy.tgz, not from ROOT/toy.tar");
  });

  test("a folder that was there is not taken for it", async () => {
    await writeFile(join(root, "toy.tgz"), files("mine"));
    await mkdir(folder, { recursive: true });
    expect(await failure(join(root, "toy.tgz"))).toContain("is there already, and was not unpacked from ROOT/toy.tgz");
  });

  test("a file that is missing", async () => {
    expect(await failure(join(root, "toy.tgz"))).toMatchInlineSnapshot(`
      "3: data: there is no archive ROOT/toy.tgz
      → Give the path of a .tgz, .tar.gz or .tar file."
    `);
  });
});

describe("datasets of the table", () => {
  beforeEach(() => {
    process.env.SEGKIT_MIRROR = `${server.url}/mirror/`;
  });
  afterEach(() => {
    delete process.env.SEGKIT_MIRROR;
  });

  test("every address has a check", () => {
    for (const address of Object.values(URLs))
      expect(checkOf(address)).toMatchObject({
        bytes: expect.any(Number) as number,
        md5Head: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      });
    expect(checkOf(URLs.CAMVID)).toEqual({ bytes: 598_913_237, md5Head: "648371e4f3a833682afb39b08a3ce2aa" });
    expect(URLs.CAMVID).toBe("https://s3.amazonaws.com/fast-ai-imagelocal/camvid");
    expect(URLs.CAMVID_TINY).toBe("http://files.fast.ai/data/examples/camvid_tiny");
  });

  test("a wrong file is refused, with expected and found", async () => {
    expect(await failure(URLs.CAMVID_TINY)).toMatchInlineSnapshot(`
      "7: URL/mirror/camvid_tiny.tgz: expected 2314212 bytes, but the server sends 141
      → The file at that address has changed. Get the right one elsewhere, and give its path."
    `);
    const size = checkOf(URLs.CAMVID_TINY)!.bytes;
    server.serve(new Uint8Array(size));
    expect(await failure(URLs.CAMVID_TINY)).toContain(
      "URL/mirror/camvid_tiny.tgz: expected 2cf6daf91b7a2083ecfa3e9968e9d915 as MD5 of its first MiB, but found b6d81b360a5672d80c27430f39153e2c",
    );
    expect(server.requests).toEqual(["/mirror/camvid_tiny.tgz", "/mirror/camvid_tiny.tgz"]);
    expect(await readdir(config.dataArchivePath)).toEqual([]);
    expect(await readdir(config.dataPath)).toEqual([]);
  });

  test("an archive that the user names is checked, and never replaced", async () => {
    const fname = join(root, "camvid_tiny.tgz");
    await writeFile(fname, "mine");
    expect(await failure(URLs.CAMVID_TINY, { fname })).toMatchInlineSnapshot(`
      "7: ROOT/camvid_tiny.tgz: expected 2314212 bytes, but found 4
      → It is not the archive of http://files.fast.ai/data/examples/camvid_tiny. Give another file, or leave it out to download it."
    `);
    expect(await readFile(fname, "utf8")).toBe("mine");
    expect(server.requests).toEqual([]);
  });

  test("an older archive is replaced, and says so", async () => {
    await mkdir(config.dataArchivePath, { recursive: true });
    await writeFile(join(config.dataArchivePath, "camvid_tiny.tgz"), "older");
    const notes: string[] = [];
    await failure(URLs.CAMVID_TINY, { onNote: (note) => notes.push(note.replaceAll(root, "ROOT")) });
    expect(notes).toEqual([
      "ROOT/home/archives/camvid_tiny.tgz is not the archive of camvid_tiny as it is now, and is replaced",
    ]);
    expect(server.requests).toEqual(["/mirror/camvid_tiny.tgz"]);
  });
});

describe("CamVid's layout", () => {
  test("with valid.txt: 32 classes, Void is 30, masks named _P", async () => {
    server.serve(tgzOf(await folderEntries(await writeCamvid(), "camvid")));
    const dataset = await openFolder(await untar(`${server.url}/camvid`));
    expect(dataset.classes).toEqual(camvidClasses);
    expect(dataset.voidIndex).toBe(30);
    expect(dataset.valid.map((item) => item.id)).toEqual(["0016E5_7960", "0016E5_7963", "0016E5_7966"]);
    expect(dataset.train.length).toBe(7);
    expect(dataset.notes).toEqual([]);
    for (const warning of (await checkDataset(dataset)).warnings) expect(warning).toMatch(/^classes without a pixel/);
  });

  test("without it: a seeded fifth", async () => {
    server.serve(tgzOf(await folderEntries(await writeCamvid({ valid: false }), "camvid_tiny")));
    const dataset = await openFolder(await untar(`${server.url}/camvid_tiny.tgz`));
    expect([dataset.train.length, dataset.valid.length]).toEqual([8, 2]);
    expect(dataset.notes).toEqual(["the validation list is a random choice: 2 of 10 images, seed 0"]);
  });
});
