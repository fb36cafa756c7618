/** Bytes in the unit that people say: 1.5 GB, 350 MB. */
export function showBytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(bytes < 1e10 ? 2 : 1)} GB`;
}

const units: Readonly<Record<string, number>> = {
  ...{ "": 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 },
  ...{ k: 1e3, m: 1e6, g: 1e9, t: 1e12, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 },
};

/**
 * Bytes as people write them: 1.5GB, 800 MB, 2GiB, 1500000000. NaN for what is none.
 * @example const bytes = parseBytes("1.5GB"); // 1500000000
 */
export function parseBytes(text: string): number {
  const [, number, unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  return number === undefined ? NaN : Math.round(Number(number) * (units[unit.toLowerCase()] ?? NaN));
}
