import { execFileSync } from "node:child_process";
import { symlink } from "node:fs/promises";
import { deflateSync } from "node:zlib";
import { pngChunk, pngOf, pngOfPacked } from "../../test/support/png.ts";
import { bombs } from "./bomb.ts";

/** Deflated zeros, `length` of them: a thousandth of that. */
const zeros = (length: number): Buffer => deflateSync(Buffer.alloc(length));

const pipe = async (path: string): Promise<void> => void execFileSync("mkfifo", [path]);

/** A little-endian TIFF of one strip, with these tags: number, type (3 or 4) and value. */
function tiffOf(tags: readonly (readonly [tag: number, type: number, value: number])[]): Buffer {
  const bytes = Buffer.alloc(8 + 2 + 12 * tags.length + 4 + 64);
  bytes.write("II*\0\b\0\0\0", 0, "latin1");
  bytes.writeUInt16LE(tags.length, 8);
  for (const [i, [tag, type, value]] of tags.entries()) {
    const at = 10 + 12 * i;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeUInt32LE(1, at + 4);
    if (type === 3) bytes.writeUInt16LE(value, at + 8);
    else bytes.writeUInt32LE(value, at + 8);
  }
  return bytes;
}

const sized = (width: number, height: number): (readonly [number, number, number])[] => [
  ...[[256, 4, width] as const, [257, 4, height] as const, [258, 3, 8] as const, [259, 3, 1] as const],
  ...[[262, 3, 1] as const, [273, 4, 200] as const, [277, 3, 1] as const],
];

export const pictureBombs = {
  ...bombs("picture", {
    "PNG of 30,000 × 30,000, all of it": () =>
      pngOfPacked({ width: 30_000, height: 30_000, bits: 1 }, zeros(3751 * 30_000)),
    "PNG that states 2 147 483 647 rows": () => pngOf({ width: 2 ** 31 - 1, height: 2 ** 31 - 1 }, new Uint8Array(9)),
    "interlaced PNG of 9,000 × 9,000": () => pngOf({ width: 9000, height: 9000, interlaced: true }, new Uint8Array(9)),
    "truncated PNG of 9,000 × 9,000": () =>
      pngOfPacked({ width: 9000, height: 9000 }, zeros(9001 * 9000).subarray(0, -1000)).subarray(0, -40),
    "JPEG of 65,500 × 65,500": () => Buffer.from("ffd8ffc0000b08ffdcffdc01011100ffda0008010100003f00d2cf20ffd9", "hex"),
    "WebP of 16,383 × 16,383": () => {
      const bytes = Buffer.from("524946461a000000574542505650384c0d0000002fffffff0f00000000000000000000000000", "hex");
      return bytes;
    },
    "GIF of 65,535 × 65,535": () =>
      Buffer.from("474946383961ffffffff80000000000000002c00000000ffffffff0002024c01003b", "hex"),
    "TIFF of 2 000 000 × 2 000 000": () => tiffOf([...sized(2_000_000, 2_000_000), [278, 4, 2_000_000], [279, 4, 64]]),
    "TIFF with tiles of 60,000 × 60,000": () =>
      tiffOf([...sized(100, 100), [322, 4, 60_000], [323, 4, 60_000], [324, 4, 200], [325, 4, 64]]),
    "SVG with another file in it": () =>
      `<?xml version="1.0"?><!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>&x;</text><image href="/etc/passwd"/></svg>`,
    "SVG of 20,000 × 20,000": () => `<svg xmlns="http://www.w3.org/2000/svg" width="20000" height="20000"/>`,
    "PDF, ImageMagick's script, PostScript": () =>
      "%PDF-1.7\n%!PS\npush graphic-context\nimage over 0,0 0,0 'url(/etc/passwd)'",
    "link to a device without end": (path) => symlink("/dev/zero", path),
    "pipe that nobody writes to": pipe,
  }),
  ...bombs("mask", {
    "PNG of 30,000 × 30,000": () => pngOfPacked({ width: 30_000, height: 30_000, bits: 8 }, zeros(30_001 * 3000)),
    "RGBA of 9,000 × 9,000": () => pngOf({ width: 9000, height: 9000, colour: 6 }, new Uint8Array(9)),
    "100 MB of pixels in 10 × 10": () => pngOfPacked({ width: 10, height: 10, colour: 2 }, zeros(1e8)),
    "100 MB in a profile, a second header": () =>
      pngOf({ width: 10, height: 10, colour: 2 }, new Uint8Array(9), [
        pngChunk("iCCP", Buffer.concat([Buffer.from("a\0\0"), zeros(1e8)])),
        pngOf({ width: 30_000, height: 30_000 }, new Uint8Array(1)).subarray(8, 33),
      ]),
    "no pixels": () => pngOf({ width: 0, height: 9 }, new Uint8Array(9)),
    "pipe that nobody writes to": pipe,
  }),
  ...bombs("rle", {
    "a million runs, each of all pixels": () =>
      JSON.stringify({ height: 3000, width: 3000, text: "1 9000000 ".repeat(1e6) }),
    "a million runs for ten pixels": () => JSON.stringify({ height: 2, width: 5, text: "1 1 ".repeat(1e6) }),
    "30,000 × 30,000": () => JSON.stringify({ height: 30_000, width: 30_000, text: "1 1" }),
  }),
  ...bombs("coco rle", {
    "a million runs of nothing": () => JSON.stringify({ size: [10, 10], counts: "0".repeat(1e6) }),
    "30,000 × 30,000": () => JSON.stringify({ size: [30_000, 30_000], counts: "0" }),
  }),
};
