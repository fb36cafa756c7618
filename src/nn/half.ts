/** Half-precision numbers (IEEE 754 binary16), given by their bits, as float32. */
export function halfToFloat(halves: Uint16Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(halves, (bits) => {
    const sign = bits >> 15 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}

/** bfloat16 numbers, given by their bits, as float32, whose upper half they are. */
export function bfloatToFloat(halves: Uint16Array): Float32Array<ArrayBuffer> {
  return new Float32Array(Uint32Array.from(halves, (bits) => bits << 16).buffer);
}

/** float32 numbers as half precision, given by their bits: to the nearest, ties to even, ±∞ beyond 65519. */
export function floatToHalf(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.slice().buffer);
  return Uint16Array.from(bits, (word) => {
    const sign = (word >>> 16) & 0x8000;
    const exponent = ((word >>> 23) & 255) - 127;
    const fraction = word & 0x7fffff;
    if (exponent === 128) return sign | 0x7c00 | (fraction ? 0x200 : 0);
    if (exponent > 15) return sign | 0x7c00;
    // Below 2⁻¹⁴ the numbers are multiples of 2⁻²⁴, and there is no leading one that goes without saying.
    const dropped = Math.min(exponent < -14 ? -1 - exponent : 13, 25);
    const whole = exponent < -14 ? fraction | 0x800000 : ((exponent + 15) << 23) | fraction;
    const [kept, rest] = [whole >>> dropped, whole & ((1 << dropped) - 1)];
    const half = 1 << (dropped - 1);
    return sign | (kept + (rest > half || (rest === half && kept % 2 === 1) ? 1 : 0));
  });
}
