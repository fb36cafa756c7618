import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import { pngOf } from "../../test/support/png.ts";
import { inspectMask } from "../../src/data/check/inspect-mask.node.ts";
import { decodeCocoRle } from "../../src/data/coco-rle.ts";
import { decodeMask, readMaskHeader } from "../../src/data/decode.node.ts";
import { rleDecode } from "../../src/data/mask-rle.ts";
import { DataError } from "../../src/util/errors.ts";
import { withRightSums } from "../checksums.ts";
import { mutated, oneOf } from "../mutate.ts";
import type { Reader } from "../reader.ts";

const [width, height] = [9, 7];
const ids = Uint8Array.from({ length: width * height }, (_, i) => (i >> 2) % 5);
const colours = [0, 1, 2, 3, 4].map((id) => [40 * id, id, 255 - id] as const);

/** Masks as PNG, of every kind that is read and some that are not. */
export const mask: Reader = {
  megabytes: 300,
  async inputs() {
    const palette = colours.map((each) => [...each]);
    const rgb = Uint8Array.from(ids, (_, i) => ids[Math.floor(i / 3)]!);
    const packed = new Uint8Array(height * (1 + Math.ceil(width / 2))).map((_, i) => i % 16);
    const files = [
      encode({ width, height, data: ids, channels: 1 }),
      encode({ width, height, data: ids, channels: 1, palette }),
      encode({ width, height, data: Uint8Array.from({ length: 3 * ids.length }, (_, i) => rgb[i]!), channels: 3 }),
      encode({ width, height, data: Uint8Array.from({ length: 4 * ids.length }, (_, i) => ids[i >> 2]!), channels: 4 }),
      encode({ width, height, data: Uint16Array.from(ids), depth: 16, channels: 1 }),
      pngOf(
        { width, height, bits: 4 },
        packed.map((byte, i) => (i % 6 === 0 ? 0 : byte)),
      ),
      pngOf({ width, height, interlaced: true }, new Uint8Array(96)),
    ];
    const tokens = ["IHDR", "PLTE", "IDAT", "IEND", "iCCP", "zTXt", "tRNS", "tEXt", "pHYs", "acTL"];
    return (random) => {
      const bytes = mutated(random, oneOf(random, files), tokens);
      return random.chance(0.8) ? withRightSums(bytes) : bytes;
    };
  },
  async read(input, folder) {
    const path = join(folder, "mask.png");
    writeFileSync(path, input);
    await inspectMask({ path, name: "mask.png" }, null, undefined);
    const { height, width } = await readMaskHeader(path);
    try {
      await decodeMask(path, { masks: { colours } });
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
    }
    const { data } = await decodeMask(path);
    if (data.length !== height * width) throw new Error("header and pixels differ in size");
  },
};

/** Run lengths as Kaggle's tables and COCO's files have them, as JSON: size and text. */
export const runs: Reader = {
  megabytes: 250,
  async inputs() {
    const texts = [
      '{"size":[7,9],"text":"1 3 7 2 60 3"}',
      '{"size":[7,9],"counts":"0120O0000000010O30N00100002029M"}',
      '{"size":[600,800],"counts":"km21TWg<obj1"}',
      '{"size":[4000,4000],"text":"1 1000000 2000000 14000001"}',
    ].map((text) => Buffer.from(text));
    return (random) => mutated(random, oneOf(random, texts), ["0", "1 1 ", "9999999", "-1", "o", "1e9"]);
  },
  async read(input) {
    const text = Buffer.from(input).toString("latin1");
    const value = jsonOf(text) ?? { size: [100, 100], text, counts: text };
    const [rows = 5, columns = 5] = Array.isArray(value.size) ? (value.size as number[]) : [];
    for (const decode of [
      () => rleDecode(textOf(value.text), { height: rows, width: columns }),
      () => decodeCocoRle({ size: [rows, columns], counts: textOf(value.counts) }),
    ])
      decode();
  },
};

function jsonOf(text: string): { size?: unknown; text?: unknown; counts?: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
