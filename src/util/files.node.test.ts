import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { tempFolder } from "../../test/support/dataset.ts";
import { breakDisk, type DiskFault, type FaultyDisk } from "../../test/support/faulty-disk.ts";
import { makeFolder, removeEmpty, requireWritable, writeWhole } from "./files.node.ts";

test("makeFolder says which folder it made first", async () => {
  const root = await tempFolder();
  expect(await makeFolder(join(root, "a", "b", "c"))).toBe(join(root, "a"));
  expect(await makeFolder(join(root, "a", "b"))).toBeUndefined();
  expect(await readdir(join(root, "a", "b"))).toEqual(["c"]);
});

test("a place that cannot be written is a sentence", async () => {
  const root = await tempFolder();
  await writeFile(join(root, "file"), "");
  const refused = async (...names: string[]) => {
    const error: unknown = await requireWritable(join(root, ...names)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ exitCode: 4, name: "ResourceError" });
    return (error as Error).message.replace(root, "…");
  };
  expect(await refused("file")).toBe("folder …/file cannot be written: there is a file of that name");
  expect(await refused("file", "run")).toBe("folder …/file/run cannot be written: part of its path is a file");
});

test.runIf(process.platform === "linux")("a place where no folder can be made ends too", async () => {
  await expect(makeFolder("/proc/segkit/run")).rejects.toMatchObject({ exitCode: 4 });
});

test("requireWritable leaves nothing behind, and what was there alone", async () => {
  const root = await tempFolder();
  await requireWritable(join(root, "runs", "train"));
  expect(await readdir(root)).toEqual([]);
  await mkdir(join(root, "runs"));
  await requireWritable(join(root, "runs", "train"));
  expect(await readdir(root)).toEqual(["runs"]);
});

test("removeEmpty stops at a folder with something in it", async () => {
  const root = await tempFolder();
  await makeFolder(join(root, "a", "b", "c"));
  await writeFile(join(root, "a", "kept"), "");
  await removeEmpty(join(root, "a", "b", "c"), join(root, "a"));
  expect(await readdir(join(root, "a"))).toEqual(["kept"]);
});

test("writeWhole replaces a file, and leaves it as it was when it fails", async () => {
  const root = await tempFolder();
  const file = join(root, "x.bin");
  await writeWhole(file, ["old"]);
  await writeWhole(file, [Uint8Array.of(110, 101), "w"]);
  expect(await readFile(file, "utf8")).toBe("new");
  await mkdir(join(root, "folder"));
  await expect(writeWhole(join(root, "folder"), ["x"])).rejects.toMatchObject({ exitCode: 4 });
  expect((await readdir(root)).toSorted()).toEqual(["folder", "x.bin"]);
});

describe("writeWhole on a disk that fails", () => {
  let disk: FaultyDisk | undefined;
  afterEach(() => disk?.mend());
  const broken = async (fault: Omit<DiskFault, "folder">) => {
    const folder = await tempFolder();
    const file = join(folder, "x.bin");
    await writeWhole(file, ["old"]);
    disk = await breakDisk({ folder, ...fault });
    return { folder, file, disk };
  };

  test("opens, writes, syncs, renames, and syncs the folder", async () => {
    const { file, disk } = await broken({ at: Infinity });
    await writeWhole(file, ["n", Uint8Array.of(101, 119)]);
    expect(disk.calls).toEqual(["open", "write", "sync", "rename", "sync"]);
    await writeWhole(file, ["new"], { sync: false });
    expect(disk.calls.slice(5)).toEqual(["open", "write", "rename"]);
  });

  test("takes small chunks together, which may change after their turn, and large ones in parts", async () => {
    const { file, disk } = await broken({ at: Infinity });
    const bytes = Buffer.alloc(40_000);
    const chunks = function* () {
      for (let i = 0; i < 5; i++) yield bytes.fill(i);
      yield Buffer.alloc(9_000_000, 9);
      yield "end";
    };
    await writeWhole(file, chunks());
    expect(disk.calls.filter((call) => call === "write")).toHaveLength(5 + 3 + 1);
    const expected = [...Array.from({ length: 5 }, (_, i) => Buffer.alloc(40_000, i)), Buffer.alloc(9_000_000, 9)];
    expect((await readFile(file)).equals(Buffer.concat([...expected, Buffer.from("end")]))).toBe(true);
  });

  test.each([0, 1, 2, 3])("leaves the old file when call %i fails", async (at) => {
    const { folder, file, disk } = await broken({ at });
    await expect(writeWhole(file, ["n", "ew"])).rejects.toMatchObject({
      message: `${file}: cannot be written: the disk is full`,
      exitCode: 4,
    });
    expect(disk.failed).toBe(1);
    expect(await readFile(file, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["x.bin"]);
  });

  test("goes on where a write takes only a part, and tells each piece once", async () => {
    const { file } = await broken({ at: 0, always: true, code: "short" });
    const bytes = Uint8Array.from({ length: 5_000_000 }, (_, i) => i);
    const told: Uint8Array[] = [];
    await writeWhole(file, [bytes], { onWritten: (piece) => told.push(piece.slice()) });
    expect((await readFile(file)).equals(bytes)).toBe(true);
    expect(Buffer.concat(told).equals(bytes)).toBe(true);
    expect(told.length).toBeGreaterThan(2);
  });
});
