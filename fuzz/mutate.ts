import type { Random } from "../src/util/random.ts";

/** A piece that means something in a format: text or bytes. */
export type Token = string | Uint8Array;

/** Numbers that borders lie at. */
const edges: readonly number[] = [
  0,
  1,
  2,
  3,
  7,
  8,
  15,
  16,
  127,
  128,
  255,
  256,
  1000,
  32_767,
  65_535,
  2 ** 24,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
];

type Change = (random: Random, bytes: Buffer, tokens: readonly Token[]) => Buffer;

/** Ways to spoil an input, each as likely as the others. */
const changes: readonly Change[] = [
  (random, bytes) => {
    if (bytes.length > 0) bytes[random.integer(bytes.length)]! ^= 1 << random.integer(8);
    return bytes;
  },
  (random, bytes) => {
    if (bytes.length > 0) bytes[random.integer(bytes.length)] = random.integer(256);
    return bytes;
  },
  (random, bytes) => {
    const width = [1, 2, 4, 8][random.integer(4)]!;
    if (bytes.length < width) return bytes;
    const at = random.integer(bytes.length - width + 1);
    const value = BigInt(edges[random.integer(edges.length)]!);
    const ordered = Buffer.alloc(8);
    if (random.chance(0.5)) ordered.writeBigUInt64LE(value);
    else ordered.writeBigUInt64BE((value << BigInt(64 - 8 * width)) & 0xffff_ffff_ffff_ffffn);
    ordered.copy(bytes, at, 0, width);
    return bytes;
  },
  (random, bytes) => bytes.subarray(0, random.integer(bytes.length + 1)),
  (random, bytes) => splice(bytes, ...part(random, bytes), Buffer.alloc(0)),
  (random, bytes) => {
    const [from, length] = part(random, bytes);
    return splice(bytes, random.integer(bytes.length + 1), 0, bytes.subarray(from, from + length));
  },
  (random, bytes) => {
    const [from, length] = part(random, bytes);
    const times = 1 + random.integer(40);
    const all = Buffer.concat(Array.from({ length: times }, () => bytes.subarray(from, from + length)));
    return splice(bytes, from, 0, all);
  },
  (random, bytes, tokens) => {
    if (tokens.length === 0) return bytes;
    const token = Buffer.from(tokens[random.integer(tokens.length)]! as Uint8Array);
    return splice(bytes, random.integer(bytes.length + 1), random.chance(0.5) ? token.length : 0, token);
  },
  (random, bytes) => {
    const digits = /\d+/g;
    const numbers = [...bytes.toString("latin1").matchAll(digits)];
    const found = numbers[random.integer(Math.max(numbers.length, 1))];
    if (found === undefined) return bytes;
    const edge = edges[random.integer(edges.length)]!;
    const text = String([edge, -edge, edge / 3, edge * 1e9][random.integer(4)]);
    return splice(bytes, found.index, found[0].length, Buffer.from(text));
  },
];

/** The bytes spoilt in one to eight places. */
export function mutated(random: Random, bytes: Uint8Array, tokens: readonly Token[] = []): Buffer {
  let result: Buffer = Buffer.from(bytes);
  const times = 1 + Math.floor(8 * random.uniform() ** 3);
  for (let i = 0; i < times; i++) result = changes[random.integer(changes.length)]!(random, result, tokens);
  return result;
}

/** One of some things. */
export function oneOf<T>(random: Random, list: readonly T[]): T {
  return list[random.integer(list.length)]!;
}

/** Begin and length of a part, short ones more often. */
function part(random: Random, bytes: Buffer): [from: number, length: number] {
  const from = random.integer(bytes.length + 1);
  return [from, Math.floor((bytes.length - from) * random.uniform() ** 3)];
}

function splice(bytes: Buffer, at: number, removed: number, added: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
}
