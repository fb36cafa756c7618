/** The remainders of all bytes by the Castagnoli polynomial, its bits reversed. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0x82f63b78 : rest >>> 1;
  return rest;
});

/** The CRC-32C checksum of bytes, unsigned (Castagnoli et al. 1993; RFC 3720, section 12.1). */
export function crc32c(bytes: Uint8Array): number {
  let rest = ~0;
  for (const byte of bytes) rest = (rest >>> 8) ^ table[(rest ^ byte) & 255]!;
  return ~rest >>> 0;
}
