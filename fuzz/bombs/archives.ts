import { gzipSync } from "node:zlib";
import { type ArchiveEntry, tarOf, tgzOf } from "../../test/support/archive.ts";
import { zip } from "../../test/support/pickles.ts";
import { bombs } from "./bomb.ts";

const before: ArchiveEntry = { path: "d/a.txt", body: "fair" };
const slip = (entry: ArchiveEntry) => (): Buffer => tgzOf([before, entry, { path: "d/after.txt", body: "after" }]);

export const archiveBombs = bombs("archive", {
  "100 MB of zeros in a file": () => tgzOf([before, { path: "d/zeros", body: new Uint8Array(1e8) }]),
  "100 MB of zeros after the end": () => gzipSync(Buffer.concat([tarOf([before]), Buffer.alloc(1e8)])),
  "a file of 4 PB": () => tgzOf([before, { path: "d/x", size: 2 ** 52 }]),
  zip: () => zip([{ name: "d/zeros", bytes: new Uint8Array(1e8), deflate: true }]),
  "absolute path": slip({ path: "/tmp/segkit-evil", body: "out" }),
  "folder above": slip({ path: "d/../../evil", body: "out" }),
  "folder above, in a long name": slip({ path: "x", pax: "d/../../evil", body: "out" }),
  "link to a folder above": slip({ path: "d/l", type: "SymbolicLink", linkpath: "../.." }),
  "file through a link": () =>
    tgzOf([
      { path: "l", type: "SymbolicLink", linkpath: "/tmp" },
      { path: "l/segkit-evil", body: "out" },
    ]),
  "hard link": slip({ path: "d/h", type: "Link", linkpath: "/etc/passwd" }),
  drive: slip({ path: "C:/evil", body: "out" }),
  "drive without a root": slip({ path: "C:evil", body: "out" }),
  "network share": slip({ path: "\\\\host\\evil", body: "out" }),
  backslashes: slip({ path: "d\\..\\..\\evil", body: "out" }),
  NUL: slip({ path: "x", pax: "d/evil\0.png", body: "out" }),
  "the same name but for accents": slip({ path: "x", pax: "d/\u0061.txt\u0301/../b", body: "out" }),
  "two kinds of an accent": () =>
    tgzOf([
      { path: "x", pax: "d/\u00e9", body: "1" },
      { path: "x", pax: "d/e\u0301", body: "2" },
    ]),
  capitals: () => tgzOf([before, { path: "D/A.TXT", body: "other" }]),
  "file as a folder": slip({ path: "d/a.txt/b", body: "out" }),
  "folder as a file": slip({ path: "d", body: "out" }),
  device: slip({ path: "d/z", type: "CharacterDevice" }),
  pipe: slip({ path: "d/p", type: "FIFO" }),
  "a thousand folders": slip({ path: "x", pax: `${"d/".repeat(1000)}x`, body: "deep" }),
  "a name of 100,000 letters": slip({ path: "x", pax: "d/".concat("n".repeat(100_000)), body: "long" }),
});
