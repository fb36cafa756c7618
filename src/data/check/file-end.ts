/** How the last bytes of a whole file look, by what its first bytes are. */
const endings: readonly { readonly begins: readonly number[]; readonly ends: readonly number[] }[] = [
  { begins: [0xff, 0xd8], ends: [0xff, 0xd9] },
  { begins: [0x89, 0x50, 0x4e, 0x47], ends: [0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82] },
  { begins: [0x47, 0x49, 0x46, 0x38], ends: [0x3b] },
];

/** Some programs write more after a picture's end. */
const searched = 1024;

/** Whether a JPEG, PNG, GIF or WebP ends before its end; false for other kinds of files. */
export function isCutOff(bytes: Uint8Array): boolean {
  const kind = endings.find(({ begins }) => begins.every((byte, i) => bytes[i] === byte));
  if (kind !== undefined) return !includes(bytes.subarray(-searched), kind.ends);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isRiff = bytes.length >= 12 && view.getUint32(0) === 0x52494646 && view.getUint32(8) === 0x57454250;
  return isRiff && view.getUint32(4, true) + 8 > bytes.length;
}

function includes(bytes: Uint8Array, part: readonly number[]): boolean {
  return bytes.some((_, at) => part.every((byte, i) => bytes[at + i] === byte));
}
