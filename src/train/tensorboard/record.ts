import { crc32c } from "../../util/crc32c.ts";

/** A record is 8 bytes of length, 4 of its checksum, the data, 4 of their checksum (TFRecord); numbers little-endian. */
const [head, tail] = [12, 4];

/** The checksum as TFRecord stores it: turned and shifted, so that one of data with checksums in them is no worse. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Data as a record of a TFRecord file, which TensorBoard's event files are. */
export function recordOf(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(head + data.length + tail);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(record.subarray(0, 8)), true);
  record.set(data, head);
  view.setUint32(head + data.length, masked(data), true);
  return record;
}

/** The records at the beginning of a file, up to where it was cut off or damaged, as parts of its bytes. */
export function wholeRecords(file: Uint8Array): { readonly record: Uint8Array; readonly data: Uint8Array }[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const found = [];
  for (let at = 0; at + head + tail <= file.length;) {
    const length = Number(view.getBigUint64(at, true));
    const end = at + head + length + tail;
    if (end > file.length || view.getUint32(at + 8, true) !== masked(file.subarray(at, at + 8))) break;
    const data = file.subarray(at + head, at + head + length);
    if (view.getUint32(end - tail, true) !== masked(data)) break;
    found.push({ record: file.subarray(at, end), data });
    at = end;
  }
  return found;
}
