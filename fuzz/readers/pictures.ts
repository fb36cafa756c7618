import sharp from "sharp";
import type { Sharp } from "sharp";
import { decodeImage, readImageHeader } from "../../src/data/decode.node.ts";
import { Random } from "../../src/util/random.ts";
import { withRightSums } from "../checksums.ts";
import { mutated, oneOf, type Token } from "../mutate.ts";
import type { Reader } from "../reader.ts";

/** A small picture of noise and planes, of `channels`. */
function drawn(channels: 1 | 2 | 3 | 4): Sharp {
  const [height, width] = [13, 17];
  const random = new Random(channels);
  const data = Uint8Array.from({ length: height * width * channels }, (_, i) => (i % 7 < 3 ? random.integer(256) : 90));
  return sharp(data, { raw: { width, height, channels } });
}

function pictures(seeds: () => readonly Sharp[], tokens: readonly Token[], finish = (bytes: Buffer) => bytes): Reader {
  return {
    // 100 megapixels of RGB are 300, what the decoders need beside comes on top.
    megabytes: 450,
    async inputs() {
      const files = await Promise.all(seeds().map((each) => each.toBuffer()));
      return (random) => {
        const bytes = mutated(random, oneOf(random, files), tokens);
        return random.chance(0.7) ? finish(bytes) : bytes;
      };
    },
    async read(input) {
      const { height, width } = await decodeImage(input);
      const header = await readImageHeader(input);
      if (header.height !== height || header.width !== width) throw new Error("header and pixels differ in size");
    },
  };
}

export const png = pictures(
  () => [
    drawn(3).png(),
    drawn(4).png({ progressive: true }),
    drawn(1).png({ palette: true, colours: 16 }),
    drawn(2).toColourspace("rgb16").png(),
    drawn(3).withMetadata({ density: 300 }).png(),
  ],
  ["IHDR", "PLTE", "IDAT", "IEND", "iCCP", "zTXt", "iTXt", "tRNS", "eXIf", "sPLT", "acTL", "fcTL", "fdAT", "gAMA"],
  withRightSums,
);

export const jpeg = pictures(
  () => [
    drawn(3).jpeg(),
    drawn(3).jpeg({ progressive: true }),
    drawn(1).toColourspace("b-w").jpeg(),
    drawn(3).toColourspace("cmyk").jpeg({ chromaSubsampling: "4:4:4" }),
    drawn(3)
      .withMetadata({ orientation: 6 })
      .jpeg({ optimiseScans: true, restartInterval: 1 } as never),
  ],
  ["ffc0", "ffc2", "ffc4", "ffda", "ffdb", "ffdd", "ffd0", "ffe1", "ffe2", "ffee", "ffd9", "ffc9", "fffe"].map((hex) =>
    Buffer.from(hex, "hex"),
  ),
);

export const webp = pictures(
  () => [drawn(3).webp(), drawn(4).webp({ lossless: true }), drawn(4).webp({ alphaQuality: 50 }), animation().webp()],
  ["RIFF", "WEBP", "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP", "EXIF", "XMP "],
);

export const tiff = pictures(
  () =>
    (["none", "lzw", "deflate", "packbits", "jpeg", "ccittfax4", "webp"] as const).flatMap((compression) => {
      const of = compression === "ccittfax4" ? drawn(1).threshold().toColourspace("b-w") : drawn(3);
      const bits = compression === "ccittfax4" ? { bitdepth: 1 as const } : {};
      return [
        of.tiff({ compression, ...bits }),
        of.tiff({ compression, ...bits, tile: true, tileWidth: 16, tileHeight: 16 }),
      ];
    }),
  // Tags of width, height, bits, compression, samples, rows and bytes of a strip, tiles, sub-directories.
  [
    0x0100, 0x0101, 0x0102, 0x0103, 0x0106, 0x0111, 0x0115, 0x0116, 0x0117, 0x0142, 0x0143, 0x0144, 0x0145, 0x014a,
    0x0153,
  ].map((tag) => Buffer.from([tag & 255, tag >> 8])),
);

export const gif = pictures(
  () => [drawn(3).gif(), drawn(4).gif({ colours: 4 }), animation().gif()],
  ["GIF87a", "GIF89a", "NETSCAPE2.0", Buffer.from("21f904", "hex"), Buffer.from("2c", "hex"), Buffer.from("3b", "hex")],
);

function animation(): Sharp {
  const frames = new Uint8Array(3 * 24 * 16).map((_, i) => (i * 7) % 256);
  return sharp(frames, { raw: { width: 16, height: 24, channels: 3, pageHeight: 8 } });
}
