import protobuf from "protobufjs/minimal.js";
import type { Reader } from "protobufjs/minimal.js";

/** How a field is encoded (protocol buffers, "Message structure"). */
export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

type WireType = (typeof wire)[keyof typeof wire];

/** What is done with a field, by its number. A field of another encoding than is taken is passed over, as every reader does. */
export type Fields = Readonly<Record<number, { readonly [W in WireType]?: (reader: Reader) => void }>>;

/** Goes through the fields of a message in their order. Throws what protobufjs throws for bytes that are none. */
export function eachField(bytes: Uint8Array, fields: Fields): void {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const [number, type] = [tag >>> 3, (tag & 7) as WireType];
    const take = fields[number]?.[type];
    if (take) take(reader);
    else reader.skipType(type, 0, number);
  }
}

/** A field that is a message or bytes. */
export const bytesField = (take: (bytes: Uint8Array) => void): Fields[number] => ({
  [wire.bytes]: (reader) => take(reader.bytes()),
});

/** A field that is text. */
export const textField = (take: (text: string) => void): Fields[number] => ({
  [wire.bytes]: (reader) => take(reader.string()),
});

/** A field of one whole number, or of several, packed or not. */
export const numbersField = (take: (value: number) => void): Fields[number] => ({
  [wire.varint]: (reader) => take(Number(reader.int64())),
  [wire.bytes]: (reader) => {
    for (const end = reader.uint32() + reader.pos; reader.pos < end;) take(Number(reader.int64()));
  },
});

/** A field of numbers of 4 or 8 bytes, packed or not, of which only the count matters. */
export const fixedField = (width: 4 | 8, take: (count: number) => void): Fields[number] => ({
  [width === 4 ? wire.fixed32 : wire.fixed64]: (reader: Reader) => {
    reader.skip(width);
    take(1);
  },
  [wire.bytes]: (reader: Reader) => take(reader.bytes().length / width),
});
