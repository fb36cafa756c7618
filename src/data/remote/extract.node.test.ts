import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { type ArchiveEntry, tarOf, tgzOf } from "../../../test/support/archive.ts";
import { tempFolder } from "../../../test/support/dataset.ts";
import { Random } from "../../util/random.ts";
import { SegkitError } from "../../util/errors.ts";
import { entryFault, type ExtractLimits } from "./entry-fault.ts";
import { extractArchive, type ExtractOptions } from "./extract.node.ts";

let root = "";
let archive = "";
let target = "";

beforeEach(async () => {
  root = await tempFolder();
  archive = join(root, "x.tgz");
  target = join(root, "out");
  await mkdir(target);
});

async function unpack(bytes: Uint8Array, options?: ExtractOptions): Promise<void> {
  await writeFile(archive, bytes);
  await extractArchive(archive, target, options);
}

/** Exit code and message of the error that an archive gives. */
async function refusal(bytes: Uint8Array, limits: ExtractLimits = {}): Promise<string> {
  const error: unknown = await unpack(bytes, { limits }).catch((thrown: unknown) => thrown);
  if (!(error instanceof SegkitError)) throw new Error(`expected an error, but got ${String(error)}`);
  return `${error.exitCode}: ${error.message.replace(root, "…")}`;
}

const random = new Random(3);
const noise = (length: number) => Uint8Array.from({ length }, () => random.integer(256));

describe("archives as they should be", () => {
  const large = noise(3_000_000);
  const entries: ArchiveEntry[] = [
    { path: "data/", type: "Directory" },
    { path: "data/a.txt", body: "first" },
    { path: "data/deep/er/b.txt", body: "" },
    { path: "data/large.bin", body: large },
    { path: "data/long", body: "named", pax: `data/${"n".repeat(150)}` },
    { path: "./data/dotted.txt", body: "." },
    { path: "data/tool.sh", body: "#!", mode: 0o6755 },
  ];

  test.each([
    ["with gzip", tgzOf(entries)],
    ["without", tarOf(entries)],
  ])("%s", async (_, bytes) => {
    const progress: number[] = [];
    await unpack(bytes, { onProgress: (done) => progress.push(done) });
    expect((await readdir(join(target, "data"))).toSorted()).toEqual(
      ["a.txt", "deep", "dotted.txt", "large.bin", "n".repeat(150), "tool.sh"].toSorted(),
    );
    expect(await readFile(join(target, "data/a.txt"), "utf8")).toBe("first");
    expect(Buffer.compare(await readFile(join(target, "data/large.bin")), large)).toBe(0);
    // Neither set-user-ID nor anything else of an archive's permissions.
    expect((await stat(join(target, "data/tool.sh"))).mode & 0o7111).toBe(0);
    expect(progress.at(-1)).toBe(bytes.length);
    expect(progress.length).toBeGreaterThan(5);
  });

  test("an abort ends it", async () => {
    const controller = new AbortController();
    const reason = new Error("stopped");
    const options = { signal: controller.signal, onProgress: () => controller.abort(reason) };
    await expect(unpack(tarOf(entries), options)).rejects.toBe(reason);
  });
});

describe("archives that are refused", () => {
  const good = { path: "data/a.txt", body: "good" };
  const cases: [name: string, entry: ArchiveEntry, message: string][] = [
    ["absolute path", { path: "/tmp/evil" }, 'entry "/tmp/evil" has an absolute path'],
    ["absolute path in an extended header", { path: "x", pax: "/evil" }, 'entry "/evil" has an absolute path'],
    ["path upwards", { path: "data/../../evil" }, `entry "data/../../evil" leads out of the archive's folder`],
    ["path upwards, long", { path: "x", pax: "../evil" }, `entry "../evil" leads out of the archive's folder`],
    ["drive", { path: "C:evil.txt" }, 'entry "C:evil.txt" begins with a drive'],
    ["backslashes", { path: "..\\evil.txt" }, String.raw`entry "..\\evil.txt" has a backslash in its name`],
    ["network path", { path: "\\\\host\\share" }, String.raw`entry "\\\\host\\share" has an absolute path`],
    ["symbolic link", { path: "data/l", type: "SymbolicLink", linkpath: "/etc" }, 'entry "data/l" is a link'],
    ["hard link", { path: "data/l", type: "Link", linkpath: "data/a.txt" }, 'entry "data/l" is a link'],
    ["character device", { path: "data/d", type: "CharacterDevice" }, 'entry "data/d" is a device'],
    ["block device", { path: "data/d", type: "BlockDevice" }, 'entry "data/d" is a device'],
    ["pipe", { path: "data/p", type: "FIFO" }, 'entry "data/p" is a pipe'],
    ["depth", { path: "x", pax: `${"a/".repeat(120)}b` }, `entry "${"a/".repeat(120)}b" lies in more than 100 folders`],
  ];

  test.each(cases)("%s", async (_, entry, message) => {
    const before = await readdir(join(root, ".."));
    expect(await refusal(tgzOf([good, entry, { path: "data/after.txt", body: "after" }]))).toBe(
      `7: …/x.tgz: ${message}`,
    );
    expect((await readdir(root)).toSorted()).toEqual(["out", "x.tgz"]);
    expect((await readdir(target, { recursive: true })).filter((name) => /evil|after/.test(name))).toEqual([]);
    expect(await readdir(join(root, ".."))).toEqual(expect.arrayContaining(before.filter((name) => name === "evil")));
  });

  test.each([
    ["capitals", ["data/B.txt", "data/b.txt"], "is on some disks the same file as"],
    ["kinds of accents", ["data/\u00e9.txt", "./data/e\u0301.txt"], "is on some disks the same file as"],
    ["a file as a folder", ["data/b", "data/b/c.txt"], "lies in what another entry says is a file"],
    ["a folder as a file", ["data/b/c.txt", "data/b"], "is a file, but another entry says it is a folder"],
    ["the folder itself", [".", "data/b"], "is a file, but another entry says it is a folder"],
    ["a part that is too long", [`data/${"n".repeat(300)}`, "data/b"], "has a name that is too long for the disk"],
    ["a path that is too long", [`${"n/".repeat(2100)}b`, "data/b"], "has a name of more than 4096 characters"],
  ])("names that clash or do not fit: %s", async (_, names, message) => {
    const entries = names.map((pax) => ({ path: "x", pax, body: "text" }));
    expect(await refusal(tgzOf([good, ...entries]))).toMatch(new RegExp(`^7: …/x.tgz: entry ".*" ${message}`, "s"));
  });

  test("the same entry twice is written twice", async () => {
    await unpack(tgzOf([good, { path: "./data//a.txt", body: "again" }]));
    expect(await readFile(join(target, "data/a.txt"), "utf8")).toBe("again");
  });

  test("a NUL in a long name", async () => {
    const long = { path: "././@LongLink", type: "NextFileHasLongPath", body: "data/a.txt\0.png\0" };
    expect(await refusal(tgzOf([long, { path: "data/x" }]))).toContain("has a NUL character in its name");
    expect(await refusal(tgzOf([{ path: "x", pax: "data/a\0b" }]))).toContain("has a NUL character in its name");
    const fair = { ...long, body: `data/${"n".repeat(120)}\0` };
    await unpack(tgzOf([fair, { path: "data/x", body: "fair" }]));
    expect(await readFile(join(target, "data", "n".repeat(120)), "utf8")).toBe("fair");
  });

  test("an entry of a kind that nobody knows", async () => {
    const bytes = tarOf([good]);
    bytes.write("S", 156);
    // The checksum is the sum of the header's bytes, with blanks in its own place.
    bytes.fill(" ", 148, 156);
    const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    expect(await refusal(bytes)).toBe('7: …/x.tgz: entry "data/a.txt" is of an unknown kind');
  });

  test("too many entries, too many bytes, too much for its size", async () => {
    const many = Array.from({ length: 4 }, (_, i) => ({ path: `${i}.txt`, body: "1234" }));
    expect(await refusal(tgzOf(many), { entries: 3 })).toBe(
      '7: …/x.tgz: entry "3.txt" is one more than the limit of 3 entries',
    );
    expect(await refusal(tgzOf(many), { bytes: 10 })).toBe(
      '7: …/x.tgz: entry "2.txt" brings the files to 12 bytes, over the limit of 10',
    );
    const bomb = tgzOf([{ path: "bomb", body: new Uint8Array(2 ** 24 + 1) }]);
    expect(await refusal(bomb)).toBe(
      `7: …/x.tgz: entry "bomb" brings the files to 16777217 bytes, over 200 times the archive's ${bomb.length}`,
    );
    expect(await readdir(target)).not.toContain("bomb");
  });

  test("bombs that no entry tells of", async () => {
    const message = "7: …/x.tgz is damaged or truncated: it unpacks to more than 200 times its size";
    expect(await refusal(gzipSync(Buffer.concat([tarOf([good]), Buffer.alloc(2 ** 25)])))).toBe(message);
    const name = { path: "././@LongLink", type: "NextFileHasLongPath", body: Buffer.alloc(2 ** 20) };
    expect(await refusal(tgzOf([good, ...Array.from({ length: 20 }, () => name), good]))).toBe(message);
    expect(await refusal(tgzOf([{ ...name, body: Buffer.alloc(2 ** 21) }, good]))).toBe(
      '7: …/x.tgz: entry "././@LongLink" is over the limit of 1 MiB for a name',
    );
  });

  test("what follows the end is not read", async () => {
    await unpack(gzipSync(Buffer.concat([tarOf([good]), tarOf([{ path: "data/after.txt" }])])));
    expect(await readdir(join(target, "data"))).toEqual(["a.txt"]);
  });
});

describe("archives that are damaged", () => {
  const bytes = tgzOf([
    { path: "data/a.bin", body: noise(50_000) },
    { path: "data/b.bin", body: noise(50_000) },
  ]);
  const message = "7: …/x.tgz is damaged or truncated: ";

  test.each([0.1, 0.5, 0.9, 0.9999])("a gzip cut at %d of its length", async (share) => {
    expect(await refusal(bytes.subarray(0, Math.floor(bytes.length * share)))).toBe(`${message}it ends in the middle`);
  });

  test("a tar that is cut, anywhere", async () => {
    const plain = gunzipSync(bytes);
    for (const length of [700, 40_000, 80_000])
      expect(await refusal(plain.subarray(0, length))).toBe(`${message}it ends in the middle`);
    expect(await refusal(plain.subarray(0, 50_688))).toBe(`${message}it ends without an end mark`);
  });

  test("changed bytes", async () => {
    const changed = Uint8Array.from(bytes);
    changed[changed.length - 6]! ^= 1;
    expect(await refusal(changed)).toMatch(/^7: ….x\.tgz is damaged or truncated: incorrect/);
    const header = gunzipSync(bytes);
    header[3]! ^= 1;
    expect(await refusal(header)).toBe(`${message}the checksum of an entry is wrong`);
  });

  test("no archive at all", async () => {
    const none = `${message}it is no tar archive, with or without gzip`;
    expect(await refusal(Buffer.from(`<html>${"x".repeat(2000)}</html>`))).toMatch(/^7: .*(checksum|no tar archive)/);
    expect(await refusal(new Uint8Array())).toBe(none);
    expect(await refusal(Buffer.from("<html></html>"))).toBe(none);
    expect(await refusal(Buffer.from("PK\x03\x04"))).toBe(
      "7: …/x.tgz is a zip archive, but a tar archive was expected, with or without gzip",
    );
  });
});

test("names that Windows keeps for itself are refused there", () => {
  const fault = "has a name that Windows keeps for devices";
  for (const path of ["data/nul", "aux/a.png", "COM1.txt", "a.", "b ", "data/c:d", "what?"]) {
    expect([path, entryFault(path, "File", true)]).toEqual([path, fault]);
    expect(entryFault(path, "File", false)).toBeNull();
  }
  expect(entryFault("data/null.png", "File", true)).toBeNull();
});
