import { op, pickle, tensorPieces, torchFile, zip } from "../../test/support/pickles.ts";
import { encodeSafetensors } from "../../src/nn/safetensors.ts";
import { type Bomb, bombs } from "./bomb.ts";

type Pieces = readonly (readonly number[])[];

/** A file of PyTorch whose dictionary has a value of these pieces. */
const holding = (...pieces: Pieces): Uint8Array => torchFile(pickle(op.emptyDict, op.text("w"), ...pieces, op.setItem));

const calling = (module: string, name: string, argument: string): Uint8Array =>
  holding(op.global(module, name), op.text(argument), op.tuple1, op.reduce);

const repeated = (times: number, piece: readonly number[]): number[] =>
  Array.from({ length: times }, () => piece).flat();

function safetensors(header: string, body = 0): Buffer {
  const bytes = Buffer.alloc(8 + header.length + body);
  bytes.writeBigUInt64LE(BigInt(header.length));
  bytes.write(header, 8);
  return bytes;
}

const checkpoint = (head: string): Buffer => Buffer.concat(encodeSafetensors(new Map(), { checkpoint: head }));

const huge = 2 ** 52;
const pickles: Readonly<Record<string, Bomb["make"]>> = {
  "pickle that calls os.system": () => calling("posix", "system", "touch evil"),
  "pickle that calls eval, named on the stack": () =>
    holding(op.text("builtins"), op.text("eval"), op.stackGlobal, op.text("1"), op.tuple1, op.reduce),
  "pickle that calls subprocess.Popen as a class": () =>
    holding(op.global("subprocess", "Popen"), op.text("sh"), op.tuple1, op.newObj),
  "pickle that imports by INST": () => holding([0x28], [0x69, ...Buffer.from("os\nsystem\n")]),
  "pickle that loads another pickle": () => calling("torch", "load", "/etc/passwd"),
  "pickle that takes attributes apart": () => calling("builtins", "getattr", "__globals__"),
  "pickle that sets attributes": () => holding(op.text("x"), op.emptyDict, op.build),
  "pickle of an extension": () => holding([0x82, 1]),
  "pickle of lists in lists": () => holding(repeated(50_000, [0x5d, 0x28])),
  "pickle of tuples in tuples as a key": () =>
    torchFile(pickle(op.emptyDict, op.none, repeated(5e5, op.tuple1), op.none, op.setItem)),
  "pickle of twice as much each time": () =>
    torchFile(pickle(op.emptyList, repeated(5e5, [...op.dup, ...op.dup, ...[0x86], ...op.dup]))),
  "pickle of many copies of a list": () => {
    const pairs = [
      ...op.emptyList,
      ...op.mark,
      ...repeated(20_000, [...op.none, ...op.none, 0x86]),
      0x65,
      ...op.put(0),
    ];
    const copy = [op.global("collections", "OrderedDict"), op.get(0), op.tuple1, op.reduce, op.pop].flat();
    return torchFile(pickle(pairs, repeated(20_000, copy)));
  },
  "pickle of long numbers": () => torchFile(pickle(repeated(1000, [0x8a, 255, ...Array(255).fill(255), 0x30]))),
  "tensor of a million million values": () => holding(tensorPieces([2 ** 20, 2 ** 20], [0, 0], { elements: 4 })),
  "storage of 128 MB in 128 kB": () => {
    const elements = 2 ** 25;
    const data = pickle(op.emptyDict, op.text("w"), tensorPieces([elements], [1], { elements }), op.setItem);
    return zip([
      { name: "w/data.pkl", bytes: data },
      { name: "w/data/0", bytes: new Uint8Array(4 * elements), deflate: true },
    ]);
  },
  "paths out of the archive": () => zip([{ name: "../data.pkl", bytes: pickle(op.emptyDict) }]),
};

export const weightBombs = {
  ...bombs("weights", {
    ...pickles,
    "safetensors with a header of 2^63 bytes": () => {
      const bytes = Buffer.alloc(64);
      bytes.writeBigUInt64LE(2n ** 63n);
      return bytes;
    },
    "safetensors with a header a million deep": () => safetensors(`{"a":${"[".repeat(1e6)}${"]".repeat(1e6)}}`),
    "safetensors whose shape overflows": () =>
      safetensors(`{"a":{"dtype":"F32","shape":[${huge},${huge}],"data_offsets":[0,16]}}`, 16),
    "safetensors with tensors in tensors": () => {
      const entry = `{"dtype":"U8","shape":[16],"data_offsets":[0,16]}`;
      return safetensors(`{${Array.from({ length: 50_000 }, (_, i) => `"${i}":${entry}`).join()}}`, 16);
    },
    "safetensors of 300,000 tensors, the last of them none": () => {
      const entry = `{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`;
      return safetensors(`{${Array.from({ length: 3e5 }, (_, i) => `"${i}":${entry}`).join()},"x":{}}`);
    },
  }),
  ...bombs("checkpoint", {
    "lists in lists, a million deep": () => checkpoint(`${"[".repeat(1e6)}${"]".repeat(1e6)}`),
    "that was cut": () => checkpoint("{}").subarray(0, -3),
    "of a billion classes": () => checkpoint(`{"phase":0,"data":"","classes":1000000000,"earlier":[],"history":[]}`),
  }),
};
