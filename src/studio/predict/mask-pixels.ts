/**
 * A mask in the colours of its classes, as pixels of a canvas: red, green, blue and alpha, interleaved.
 * @param strengths how opaque each class is, 0–1.
 */
export function maskPixels(
  ids: Uint8Array,
  colors: readonly (readonly [number, number, number])[],
  strengths: readonly number[],
): Uint8ClampedArray<ArrayBuffer> {
  const bytes = colors.map((color, id) => Uint8ClampedArray.of(...color, 255 * (strengths[id] ?? 1)));
  // Four bytes at a time, in whatever order this machine has them.
  const words = Uint32Array.from(bytes, ({ buffer }) => new Uint32Array(buffer)[0]!);
  const pixels = new Uint32Array(ids.length);
  for (let i = 0; i < ids.length; i++) pixels[i] = words[ids[i]!]!;
  return new Uint8ClampedArray(pixels.buffer);
}
