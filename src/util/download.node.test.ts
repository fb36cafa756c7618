import { createHash } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import { type FileServer, fileServer } from "../../test/support/file-server.ts";
import { download, type DownloadOptions } from "./download.node.ts";
import { SegkitError } from "./errors.ts";
import { Random } from "./random.ts";

const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) >> 5);
const hash = (algorithm: string, of: Uint8Array) => createHash(algorithm).update(of).digest("hex");
const check = { bytes: bytes.length, sha256: hash("sha256", bytes), md5Head: hash("md5", bytes) };
const quick = { backoff: 1 };

let server: FileServer;
let folder = "";
let file = "";
const asked = () => server.requests.map((request) => request.replace("/a.bin", "").trim());

/** Downloads, and tells what came of it: "done", or exit code, message and hint of the error. */
async function outcome(options: DownloadOptions = {}, url = `${server.url}/a.bin`): Promise<string> {
  try {
    const onProgress: DownloadOptions["onProgress"] = (done, total) => {
      options.onProgress?.(done, total);
      server.arrived(done);
    };
    await download(url, file, { ...quick, ...options, onProgress });
    return "done";
  } catch (error) {
    if (!(error instanceof SegkitError)) throw error;
    return `${error.exitCode}: ${error.message}\n→ ${error.hint}`
      .replaceAll(server.url, "URL")
      .replaceAll(folder, "DIR");
  }
}

async function requireWhole(): Promise<void> {
  expect(Buffer.compare(await readFile(file), bytes)).toBe(0);
  expect(await readdir(folder)).toEqual(["a.bin"]);
}

beforeEach(async () => {
  server = await fileServer(bytes);
  folder = await tempFolder();
  file = join(folder, "a.bin");
});

describe("a server that does its work", () => {
  test("the file, its progress, and nothing beside it", async () => {
    const progress: [number, number | undefined][] = [];
    expect(await outcome({ check, onProgress: (...args) => progress.push(args) })).toBe("done");
    await requireWhole();
    expect(progress[0]).toEqual([0, 100_000]);
    expect(progress.at(-1)).toEqual([100_000, 100_000]);
  });

  test("a file that is there is asked for only if it fails the check, or by force", async () => {
    await writeFile(file, "older");
    expect(await outcome()).toBe("done");
    expect(await readFile(file, "utf8")).toBe("older");
    expect(await outcome({ check })).toBe("done");
    await requireWhole();
    expect(await outcome({ check })).toBe("done");
    expect(asked()).toEqual([""]);
    expect(await outcome({ check, force: true })).toBe("done");
    expect(asked()).toEqual(["", ""]);
  });

  test("a folder is made for it, and the first digits of a hash are enough", async () => {
    file = join(folder, "deep", "er", "a.bin");
    expect(await outcome({ check: { sha256: check.sha256.slice(0, 8).toUpperCase() } })).toBe("done");
    expect((await stat(file)).size).toBe(100_000);
  });

  test("an empty file", async () => {
    server.serve(new Uint8Array());
    expect(await outcome({ check: { bytes: 0 } })).toBe("done");
    expect((await stat(file)).size).toBe(0);
  });

  test("two who ask for the same file at once share one transfer", async () => {
    expect(await Promise.all([outcome({ check }), outcome({ check })])).toEqual(["done", "done"]);
    await requireWhole();
    expect(asked()).toEqual([""]);
  });

  test("a file of more than one chunk of hashing", async () => {
    const random = new Random(1);
    const large = Uint8Array.from({ length: 2.5 * 2 ** 20 }, () => random.integer(256));
    server.serve(large);
    const md5Head = hash("md5", large.subarray(0, 2 ** 20));
    expect(await outcome({ check: { bytes: large.length, md5Head, sha256: hash("sha256", large) } })).toBe("done");
  });
});

describe("connections that break", () => {
  test("only the rest is asked for", async () => {
    server.next({ dropAfter: 40_000 }, { dropAfter: 50_000 });
    const retries: string[] = [];
    expect(await outcome({ check, onRetry: (reason) => retries.push(reason) })).toBe("done");
    await requireWhole();
    expect(asked()).toEqual(["", "bytes=40000-", "bytes=90000-"]);
    expect(retries).toEqual(["the connection was closed", "the connection was closed"]);
  });

  test("a later download goes on where an aborted one stopped", async () => {
    server.next({ hangAfter: 30_000 });
    const controller = new AbortController();
    const stopped = new Error("stopped");
    const first = outcome({
      signal: controller.signal,
      onProgress: (done) => done === 30_000 && controller.abort(stopped),
    });
    await expect(first).rejects.toBe(stopped);
    expect((await readdir(folder)).toSorted()).toEqual(["a.bin.part", "a.bin.part.json"]);
    expect(await outcome({ check })).toBe("done");
    await requireWhole();
    expect(asked()).toEqual(["", "bytes=30000-"]);
  });

  test("a server that hangs", async () => {
    server.next({ hangAfter: 30_000 });
    const reasons: string[] = [];
    expect(await outcome({ check, stall: 300, onRetry: (reason) => reasons.push(reason) })).toBe("done");
    await requireWhole();
    expect(asked().length).toBeGreaterThan(1);
    expect(reasons[0]).toBe("nothing came for 0.3 seconds");
  });

  test("a body that ends early, properly", async () => {
    server.next({ chunked: true, endAfter: 30_000 });
    expect(await outcome({ check })).toBe("done");
    await requireWhole();
    expect(asked()).toEqual(["", "bytes=30000-"]);
  });

  test("a server that is busy, once", async () => {
    server.next({ status: 500 }, { status: 503, headers: { "retry-after": "0" } });
    expect(await outcome({ check })).toBe("done");
    await requireWhole();
    expect(asked()).toEqual(["", "", ""]);
  });

  test("a server that is busy for good", async () => {
    server.next(...Array.from({ length: 9 }, () => ({ status: 503 })));
    expect(await outcome({ retries: 2 })).toMatchInlineSnapshot(`
      "4: URL/a.bin: the server answered 503 Service Unavailable (tried 3 times)
      → Try again later. Or download URL/a.bin with another program and save it as DIR/a.bin."
    `);
    expect(asked()).toEqual(["", "", ""]);
    expect(await readdir(folder)).toEqual([]);
  });

  test("tries that brought nothing are counted, and what came is kept", async () => {
    server.next({ dropAfter: 40_000 }, { status: 500 }, { status: 500 });
    expect(await outcome({ check, retries: 2 })).toMatchInlineSnapshot(`
      "4: URL/a.bin: the server answered 500 Internal Server Error (tried 3 times, with 40000 of 100000 bytes there)
      → Try again: only the rest will be asked for. Or download URL/a.bin with another program and save it as DIR/a.bin."
    `);
    expect((await stat(`${file}.part`)).size).toBe(40_000);
  });
});

describe("files that are not what they should be", () => {
  test("the wrong file", async () => {
    const other = bytes.with(5, 1);
    server.serve(other);
    expect(await outcome({ check })).toBe(
      `7: URL/a.bin: expected ${check.md5Head} as MD5 of its first MiB, but found ${hash("md5", other)}\n` +
        "→ The file at that address has changed, or came damaged; it was not kept. Try again, or get the right one elsewhere and save it as DIR/a.bin.",
    );
    const { sha256 } = check;
    expect(await outcome({ check: { sha256 } })).toContain(
      `7: URL/a.bin: expected SHA-256 ${sha256}, but found ${hash("sha256", other)}\n`,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  test("a file of another length is not even transferred", async () => {
    server.serve(bytes.subarray(1));
    let most = 0;
    expect(await outcome({ check, onProgress: (done) => (most = done) })).toMatchInlineSnapshot(`
      "7: URL/a.bin: expected 100000 bytes, but the server sends 99999
      → The file at that address has changed. Get the right one elsewhere, and give its path."
    `);
    expect(most).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });

  test("a length that is a lie", async () => {
    server.next({ length: 60_000, endAfter: 60_000 });
    expect(await outcome({ check })).toMatch(/^7: URL\/a\.bin: expected 100000 bytes, but the server sends 60000\n/);
    // Too long a length: the connection ends before, and the rest is missing for good.
    server.next(...Array.from({ length: 3 }, () => ({ length: 120_000, dropAfter: 100_000 })));
    expect(await outcome({ retries: 0 })).toMatch(/^4: .*tried 1 times, with 100000 of 120000 bytes there/);
  });

  test("a body longer than it may be", async () => {
    server.next({ chunked: true });
    expect(await outcome({ maxBytes: 5000 })).toMatch(
      /^7: URL\/a\.bin: expected at most 5000 bytes, but the server sends \d+\n/,
    );
    server.next({ chunked: true });
    expect(await outcome({ check: { bytes: 5000 } })).toMatch(
      /^7: URL\/a\.bin: expected 5000 bytes, but the server sends \d+\n/,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  test("an address without a file, and one that is none", async () => {
    server.next({ status: 404 });
    expect(await outcome({ check })).toMatchInlineSnapshot(`
      "4: URL/a.bin: the server answered 404 Not Found
      → Try again later. Or download URL/a.bin with another program and save it as DIR/a.bin."
    `);
    expect(await outcome({}, "ftp://host/a.bin")).toMatchInlineSnapshot(`
      "2: download: expected an http or https address, but received "ftp://host/a.bin"
      → undefined"
    `);
    expect(await outcome({}, "https://me:secret@host/a.bin")).not.toContain("secret");
  });

  test("nobody there", async () => {
    expect(await outcome({ retries: 1 }, "http://127.0.0.1:1/a.bin")).toMatch(
      /^4: http:\/\/127\.0\.0\.1:1\/a\.bin: (the connection was refused|bad port) \(tried 2 times\)\n/,
    );
  });

  test("a hash that cannot be one", async () => {
    await writeFile(file, "x");
    expect(await outcome({ check: { sha256: "xyz" } })).toContain("2: check: expected 8 to 64 hex digits");
  });
});

describe("a part from before", () => {
  beforeEach(async () => {
    server.next({ dropAfter: 40_000 });
    expect(await outcome({ retries: 0 })).toMatch(/^4/);
  });
  const later = () => asked().slice(1);

  test("the server ignores ranges", async () => {
    server.next({ ignoreRange: true });
    expect(await outcome({ check })).toBe("done");
    await requireWhole();
    expect(later()).toEqual(["bytes=40000-"]);
  });

  test("the file has changed since", async () => {
    const changed = bytes.map((byte) => byte ^ 1);
    server.serve(changed, '"2"');
    expect(await outcome()).toBe("done");
    expect(Buffer.compare(await readFile(file), changed)).toBe(0);
    expect(later()).toEqual(["bytes=40000-"]);
  });

  test("the file has changed though the server says it has not: it is fetched whole once more", async () => {
    await writeFile(
      `${file}.part`,
      bytes.subarray(0, 40_000).map((byte) => byte ^ 1),
    );
    expect(await outcome({ check })).toBe("done");
    await requireWhole();
    expect(later()).toEqual(["bytes=40000-", ""]);
  });

  test("the file is shorter now than the part", async () => {
    server.serve(bytes.subarray(0, 20_000), null);
    expect(await outcome()).toBe("done");
    expect((await stat(file)).size).toBe(20_000);
  });

  test("the file is shorter now, and nothing but its length could tell", async () => {
    await writeFile(`${file}.part.json`, JSON.stringify({ url: `${server.url}/a.bin` }));
    server.serve(bytes.subarray(0, 20_000), null);
    expect(await outcome()).toBe("done");
    expect((await stat(file)).size).toBe(20_000);
    expect(later()).toEqual(["bytes=40000-", ""]);
  });

  test("it is of another address, or of nobody knows what", async () => {
    const record = `${file}.part.json`;
    for (const text of [JSON.stringify({ url: `${server.url}/b.bin` }), "{", "{}"]) {
      await writeFile(`${file}.part`, "other bytes");
      await writeFile(record, text);
      expect(await outcome({ check, force: true })).toBe("done");
      await requireWhole();
    }
    expect(later()).toEqual(["", "", ""]);
  });

  test("all of it was there already", async () => {
    await writeFile(`${file}.part`, bytes);
    expect(await outcome({ check })).toBe("done");
    await requireWhole();
    expect(later()).toEqual([]);
  });
});
