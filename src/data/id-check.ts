/** Whether bytes hold a value of at least `least`, 0–256. */
export function reaches(bytes: Uint8Array, least: number): boolean {
  if (least > 255) return false;
  if (least > 128 || bytes.byteOffset % 4 !== 0) return bytes.some((byte) => byte >= least);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  return anyReaches(words, least) || bytes.subarray(4 * words.length).some((byte) => byte >= least);
}

/** The same for four bytes at a time: what is missing to 128 is added to each, and its high bit tells. */
function anyReaches(words: Int32Array, least: number): boolean {
  const missing = Math.imul(128 - least, 0x01010101);
  let seen = 0;
  // A byte of 128 or more may carry into the next one, but its own high bit is set already.
  for (let i = 0; i < words.length; i++) seen |= words[i]! | (words[i]! + missing);
  return (seen & 0x80808080) !== 0;
}
