import { describe, expect, test } from "vitest";
import { CorruptFileError } from "../util/errors.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "./safetensors.ts";
import { encodeUtf8 } from "../util/utf8.ts";

const tensors = new Map<string, StoredTensor>([
  ["conv.weight", { dtype: "F32", shape: [2, 1, 3], data: Float32Array.of(1, -2, 3.5, NaN, Infinity, -0) }],
  ["a.mask", { dtype: "U8", shape: [3], data: Uint8Array.of(0, 11, 255) }],
  ["bn.num_batches_tracked", { dtype: "I64", shape: [], data: BigInt64Array.of(-(2n ** 62n)) }],
  ["größe", { dtype: "I32", shape: [2], data: Int32Array.of(-1, 2 ** 31 - 1) }],
  ["empty", { dtype: "F32", shape: [0, 4], data: new Float32Array(0) }],
  ["exact", { dtype: "F64", shape: [1], data: Float64Array.of(Math.PI) }],
]);

describe("encodeSafetensors", () => {
  test("what is written is read back", () => {
    const file = join(encodeSafetensors(tensors, { format: "pt", classes: '["sky","road"]' }));
    const read = decodeSafetensors(file);
    expect(read.metadata).toEqual({ format: "pt", classes: '["sky","road"]' });
    expect(Object.fromEntries(read.tensors)).toEqual(Object.fromEntries(tensors));
  });

  test("the bytes are those of the format's description", () => {
    const chunks = encodeSafetensors(new Map([["b", f32(1)]]), { a: "x" });
    const header = `{"__metadata__":{"a":"x"},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`;
    expect(Buffer.from(chunks[0]!).toString("latin1")).toBe(`\x50\0\0\0\0\0\0\0${header.padEnd(80)}`);
    expect([...chunks[1]!]).toEqual([0, 0, 0x80, 0x3f]);
  });

  test("equal content gives equal bytes, whatever the order", () => {
    const backwards = new Map([...tensors].toReversed());
    expect(join(encodeSafetensors(backwards, { b: "2", a: "1" }))).toEqual(
      join(encodeSafetensors(tensors, { a: "1", b: "2" })),
    );
  });

  test("tensor memory is passed on, not copied", () => {
    const data = new Float32Array(8).subarray(2, 6);
    const [, chunk] = encodeSafetensors(new Map([["w", { dtype: "F32", shape: [4], data }]]));
    expect([chunk!.buffer, chunk!.byteOffset, chunk!.length]).toEqual([data.buffer, 8, 16]);
  });

  test("a shape that does not fit its data is an error", () => {
    const wrong = new Map<string, StoredTensor>([["w", { dtype: "F32", shape: [2, 2], data: new Float32Array(3) }]]);
    expect(() => encodeSafetensors(wrong)).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: safetensors: expected 4 values for "w" of shape [2, 2], but received 3]`,
    );
    expect(() => encodeSafetensors(new Map([["__metadata__", f32(1)]]))).toThrowErrorMatchingInlineSnapshot(
      `[ConfigError: safetensors: no tensor can be named "__metadata__"]`,
    );
  });
});

describe("decodeSafetensors", () => {
  test("aligned tensors share the file's memory, others are copied", () => {
    const file = join(encodeSafetensors(tensors));
    for (const { data } of decodeSafetensors(file).tensors.values()) expect(data.buffer).toBe(file.buffer);
    for (let shift = 1; shift < 8; shift++) {
      const shifted = Buffer.alloc(file.length + shift).subarray(shift);
      shifted.set(file);
      expect(Object.fromEntries(decodeSafetensors(shifted).tensors)).toEqual(Object.fromEntries(tensors));
    }
  });

  test("a file without tensors", () => {
    expect(decodeSafetensors(join(encodeSafetensors(new Map())))).toEqual({ tensors: new Map(), metadata: {} });
  });

  test("a key may look like one of JavaScript's own, or like the text of another", () => {
    const odd = new Map([
      ["__proto__", f32(1)],
      ["constructor", f32(2)],
      ['a":{"b', f32(3)],
      ["a", f32(4)],
      ["\\", f32(5)],
    ]);
    expect([...decodeSafetensors(join(encodeSafetensors(odd))).tensors.keys()].toSorted()).toEqual(
      [...odd.keys()].toSorted(),
    );
  });

  const entry = (offsets: string, shape = "[1]", dtype = "F32") =>
    `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
  test("an empty tensor may stand where another begins", () => {
    const header = `{"a":${entry("[0,4]")},"b":${entry("[0,0]", "[0]")}}`;
    expect([...decodeSafetensors(file(header, 4)).tensors.keys()]).toEqual(["a", "b"]);
  });

  test("half precision becomes float32", () => {
    const header = `{"a":${entry("[0,12]", "[6]", "F16")},"b":${entry("[12,16]", "[2]", "BF16")}}`;
    const bytes = file(header, 16);
    const halves = [0x3c00, 0xc100, 0x0001, 0x7bff, 0xfc00, 0x7e00, 0x3fc0, 0xc120];
    const body = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 16);
    for (const [i, bits] of halves.entries()) body.setUint16(2 * i, bits, true);
    const { tensors } = decodeSafetensors(bytes);
    expect(tensors.get("a")).toEqual({
      ...{ dtype: "F32", shape: [6] },
      data: Float32Array.of(1, -2.5, 2 ** -24, 65504, -Infinity, NaN),
    });
    expect(tensors.get("b")!.data).toEqual(Float32Array.of(1.5, -10));
  });

  const damaged: Record<string, Uint8Array> = {
    "shorter than the length field": new Uint8Array(7),
    "header past the limit": Uint8Array.of(1, 225, 245, 5, 0, 0, 0, 0, 0x7b),
    "length of 2^64 - 1": new Uint8Array(8).fill(255),
    "header past the end": Uint8Array.of(100, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d),
    "empty header": new Uint8Array(8),
    "header that is a list": file("[]"),
    "header that is not JSON": file(`{"a":`),
    "header that is not UTF-8": file(`{"\xff":1}`),
    "a name twice": file(`{"a":${entry("[0,4]")},"\\u0061" : ${entry("[0,4]")}}`, 4),
    "a field twice": file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,4],"dtype":"F32"}}`, 4),
    "unknown dtype": file(`{"a":${entry("[0,1]", "[1]", "F8_E4M3")}}`, 1),
    "dtype of an object's own": file(`{"a":${entry("[0,4]", "[1]", "toString")}}`, 4),
    "entry without shape": file(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4),
    "negative size": file(`{"a":${entry("[0,4]", "[-1]")}}`, 4),
    "fractional offset": file(`{"a":${entry("[0,4.5]")}}`, 4),
    "shape against bytes": file(`{"a":${entry("[0,4]", "[2]")}}`, 4),
    "size beyond all numbers": file(`{"a":${entry("[0,4]", "[9007199254740991,9007199254740991]")}}`, 4),
    "end before begin": file(`{"a":${entry("[8,4]")}}`, 8),
    overlap: file(`{"a":${entry("[0,4]")},"b":${entry("[2,6]")}}`, 6),
    "the same bytes twice": file(`{"a":${entry("[0,4]")},"b":${entry("[0,4]")}}`, 4),
    gap: file(`{"a":${entry("[0,4]")},"b":${entry("[8,12]")}}`, 12),
    "offsets past the end": file(`{"a":${entry("[0,4]")}}`, 3),
    "bytes left over": file(`{"a":${entry("[0,4]")}}`, 5),
    "metadata that is not text": file(`{"__metadata__":{"epoch":3}}`),
  };

  test("a header of containers in containers is refused before it is parsed", () => {
    for (const nested of ["[".repeat(1e6), '{"a":'.repeat(1e6)]) {
      const text = encodeUtf8(`{"a":${nested}`);
      const bytes = new Uint8Array(8 + text.length);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
      bytes.set(text, 8);
      expect(() => decodeSafetensors(bytes)).toThrow("safetensors: the header nests deeper than 4 levels");
    }
  });

  test("damage is told in one sentence", () => {
    const messages = Object.entries(damaged).map(([name, bytes]) => {
      try {
        decodeSafetensors(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptFileError);
        // The reason in brackets is the JavaScript engine's own wording.
        return `${name}: ${(error as Error).message.replace(/not JSON .*/, "not JSON")}`;
      }
      return `${name}: no error`;
    });
    expect(messages).toMatchInlineSnapshot(`
      [
        "shorter than the length field: safetensors: expected at least 8 bytes, but the file has 7",
        "header past the limit: safetensors: expected a header of at most 16777216 bytes, but its length is given as 100000001",
        "length of 2^64 - 1: safetensors: expected a header of at most 16777216 bytes, but its length is given as 18446744073709551615",
        "header past the end: safetensors: expected a header of 100 bytes, but only 2 follow its length",
        "empty header: safetensors: expected a header that begins with "{"",
        "header that is a list: safetensors: expected a header that begins with "{"",
        "header that is not JSON: safetensors: the header is not JSON",
        "header that is not UTF-8: safetensors: the header is not JSON",
        "a name twice: safetensors: the header has the key "a" twice",
        "a field twice: safetensors: the header has the key "dtype" twice",
        "unknown dtype: safetensors: tensor "a" has the dtype F8_E4M3; segkit reads F64, I64, F32, I32, U8, F16, BF16",
        "dtype of an object's own: safetensors: tensor "a" has the dtype toString; segkit reads F64, I64, F32, I32, U8, F16, BF16",
        "entry without shape: safetensors: tensor "a" is malformed in the header: shape: Invalid input: expected array, received undefined",
        "negative size: safetensors: tensor "a" is malformed in the header: shape: 0: Too small: expected number to be >=0",
        "fractional offset: safetensors: tensor "a" is malformed in the header: data_offsets: 1: Invalid input: expected int, received number",
        "shape against bytes: safetensors: expected 8 bytes for tensor "a" (F32 [2]), but its offsets 0 to 4 give 4",
        "size beyond all numbers: safetensors: expected 3.2451855365842665e+32 bytes for tensor "a" (F32 [9007199254740991, 9007199254740991]), but its offsets 0 to 4 give 4",
        "end before begin: safetensors: expected 4 bytes for tensor "a" (F32 [1]), but its offsets 8 to 4 give -4",
        "overlap: safetensors: tensor "b" begins at byte 2, inside another tensor; expected 4",
        "the same bytes twice: safetensors: tensor "b" begins at byte 0, inside another tensor; expected 4",
        "gap: safetensors: tensor "b" begins at byte 8, after a gap; expected 4",
        "offsets past the end: safetensors: expected 4 bytes of tensors, but the file holds 3",
        "bytes left over: safetensors: expected 4 bytes of tensors, but the file holds 5",
        "metadata that is not text: safetensors: "__metadata__" is malformed in the header: epoch: Invalid input: expected string, received number",
      ]
    `);
  });
});

function f32(value: number): StoredTensor {
  return { dtype: "F32", shape: [1], data: Float32Array.of(value) };
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const file = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    file.set(chunk, offset);
    offset += chunk.length;
  }
  return file;
}

/** A file with this header, byte for byte, and `length` zero bytes of tensors. */
function file(header: string, length = 0): Uint8Array {
  const size = new Uint8Array(8);
  size[0] = header.length & 255;
  size[1] = header.length >> 8;
  return join([size, Buffer.from(header, "latin1"), new Uint8Array(length)]);
}
