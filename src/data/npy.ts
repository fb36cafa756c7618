import { encodeUtf8 } from "../util/utf8.ts";

/**
 * Numbers as a NumPy file, float32 little-endian in C order: `numpy.load` gives an array of this shape.
 * @see numpy.lib.format, version 1.0
 * @example await writeFile("logits.npy", encodeNpy(numbers, [12, 360, 480]));
 */
export function encodeNpy(data: Float32Array, shape: readonly number[]): Uint8Array {
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${axes}), }`;
  // The numbers begin at a multiple of 64 bytes; 10 bytes stand before the text, a line end after it.
  const padded = Math.ceil((10 + text.length + 1) / 64) * 64;
  const header = encodeUtf8(`${text.padEnd(padded - 11)}\n`);
  const bytes = new Uint8Array(padded + 4 * data.length);
  bytes.set([0x93, ...encodeUtf8("NUMPY"), 1, 0, header.length & 255, header.length >> 8]);
  bytes.set(header, 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), padded);
  return bytes;
}
