/** A part of a PNG (PNG specification, section 5.3). */
export interface PngChunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** With length, type and checksum. */
  readonly whole: Uint8Array;
}

const signatureLength = 8;
/** Length, type and checksum. */
const frameLength = 12;

/** The chunks of a PNG up to IEND, or to the first that the bytes do not hold whole. */
export function* pngChunks(bytes: Uint8Array): Generator<PngChunk, void, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = signatureLength; at + frameLength <= bytes.length;) {
    const end = at + frameLength + view.getUint32(at);
    if (end > bytes.length) return;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    yield { type, data: bytes.subarray(at + 8, end - 4), whole: bytes.subarray(at, end) };
    if (type === "IEND") return;
    at = end;
  }
}

/**
 * The PNG with nothing but what its pixels are made of: the first header and palette, pixel data and end. What else there is
 * may unpack to any length.
 */
export function pixelsOnly(bytes: Uint8Array): Uint8Array {
  const seen = new Set<string>();
  const parts = [bytes.subarray(0, signatureLength)];
  for (const { type, whole } of pngChunks(bytes)) {
    const isOnce = type === "IHDR" || type === "PLTE";
    if (type === "IDAT" || type === "IEND" || (isOnce && !seen.has(type))) parts.push(whole);
    seen.add(type);
  }
  return joined(parts);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
