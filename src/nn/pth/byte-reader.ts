import { decodeUtf8 } from "../../util/utf8.ts";
import { damaged } from "./values.ts";

/** Bytes of a whole number: twice what any in a state dict has. */
const mostOfInteger = 16;

/** Reads little-endian numbers and text one after the other; throws a CorruptFileError at the end of the bytes. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = position;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  /** A count in 8 bytes. */
  u64(): number {
    const value = this.#view.getBigUint64(this.#take(8), true);
    if (value > Number.MAX_SAFE_INTEGER) throw damaged(`a length is given as ${value}`);
    return Number(value);
  }

  /** Pickle's only big-endian number. */
  f64(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  /** A whole number in two's complement. */
  integer(length: number): number | bigint {
    if (length > mostOfInteger) throw damaged(`a whole number is given in ${length} bytes`);
    const bytes = this.bytes(length);
    let value = 0n;
    for (const [i, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * i);
    value = BigInt.asIntN(8 * length, value);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  text(length: number): string {
    const bytes = this.bytes(length);
    try {
      return decodeUtf8(bytes);
    } catch {
      throw damaged("a text is not UTF-8");
    }
  }

  /** Text up to a line feed, which is passed over. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.position);
    if (end < 0) throw damaged("a name does not end");
    const line = this.text(end - this.position);
    this.position++;
    return line;
  }

  #take(length: number): number {
    const start = this.position;
    if (length > this.#bytes.length - start) throw damaged("it ends too early");
    this.position = start + length;
    return start;
  }
}
