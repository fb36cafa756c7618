interface Encoder {
  encode(text: string): Uint8Array;
}
interface Decoder {
  decode(bytes: Uint8Array): string;
}

// Every runtime has these, but the language's own library does not declare them.
declare const TextEncoder: new () => Encoder;
declare const TextDecoder: new (label: string, options: { fatal: boolean }) => Decoder;

export const encodeUtf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Throws a TypeError where the bytes are not valid UTF-8. */
export const decodeUtf8 = (bytes: Uint8Array): string => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
