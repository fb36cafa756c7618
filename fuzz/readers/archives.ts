import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type ArchiveEntry, tarOf } from "../../test/support/archive.ts";
import { extractArchive } from "../../src/data/remote/extract.node.ts";
import type { Random } from "../../src/util/random.ts";
import { withRightHeaders } from "../checksums.ts";
import { mutated, oneOf, type Token } from "../mutate.ts";
import type { Reader } from "../reader.ts";

const entries: readonly (readonly ArchiveEntry[])[] = [
  [
    { path: "d/", type: "Directory" },
    { path: "d/a.txt", body: "first" },
    { path: "d/b/c.txt", body: "x".repeat(600) },
  ],
  [
    { path: "x", body: "named", pax: `d/${"n".repeat(150)}` },
    { path: "./d/a.txt", body: "." },
  ],
  [
    { path: "././@LongLink", type: "NextFileHasLongPath", body: `d/${"m".repeat(120)}\0` },
    { path: "d/m", body: "long" },
  ],
  [
    { path: "d/l", type: "SymbolicLink", linkpath: "../outside" },
    { path: "d/l/evil.txt", body: "out" },
  ],
  [
    { path: "d/a.txt", body: "a" },
    { path: "d/h", type: "Link", linkpath: "d/a.txt" },
  ],
];

/** Tar archives, with gzip or without. Nothing may be written but into the folder that is given. */
function archive(pack: (tar: Buffer, random: Random) => Uint8Array): Reader {
  return {
    megabytes: 200,
    async inputs() {
      const files = entries.map((list) => tarOf(list));
      const names = [
        "../",
        "/",
        "..\\",
        "C:",
        "\0",
        "é",
        "e\u0301",
        "D/A.TXT",
        "ustar",
        "pax_global_header",
        "path=",
        " path=/etc/x\n",
      ];
      const types: Token[] = "0123456789gxLKSVDN".split("");
      return (random) => {
        const tar = mutated(random, oneOf(random, files), [...names, ...types]);
        return pack(random.chance(0.8) ? withRightHeaders(tar) : tar, random);
      };
    },
    async read(input, folder) {
      const [file, target] = [join(folder, "x.tgz"), join(folder, "target")];
      writeFileSync(file, input);
      mkdirSync(target);
      await extractArchive(file, target);
    },
  };
}

export const tar = archive((bytes) => bytes);
export const tgz = archive((bytes, random) => {
  const packed = gzipSync(bytes, { level: 1 });
  return random.chance(0.2) ? mutated(random, packed) : packed;
});
