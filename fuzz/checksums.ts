import { crc32 } from "node:zlib";

/** A PNG whose chunks have the checksums that they should have, as far as they can be told apart. */
export function withRightSums(bytes: Buffer): Buffer {
  const result = Buffer.from(bytes);
  for (let at = 8; at + 12 <= result.length;) {
    const end = at + 8 + result.readUInt32BE(at);
    if (end + 4 > result.length) break;
    result.writeUInt32BE(crc32(result.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return result;
}

/** A tar whose headers have the checksums that they should have: the sum of their bytes, with blanks in its own place. */
export function withRightHeaders(bytes: Buffer): Buffer {
  const result = Buffer.from(bytes);
  for (let at = 0; at + 512 <= result.length; at += 512) {
    const header = result.subarray(at, at + 512);
    // Only what looks like a header, not the contents of a file.
    if (header.toString("latin1", 257, 262) !== "ustar") continue;
    header.fill(" ", 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  }
  return result;
}
