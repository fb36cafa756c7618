/** A weight with three digits. */
export function weightText(weight: number): string {
  return String(Number(weight.toPrecision(3)));
}

/** A share in percent; a dash for nothing. */
export function percent(n: number, of: number): string {
  if (of === 0 || n === 0) return "–";
  const value = (100 * n) / of;
  return value < 0.01 ? "<0.01 %" : `${value.toFixed(value < 1 ? 2 : 1)} %`;
}
