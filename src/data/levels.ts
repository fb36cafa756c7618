import { sameSize } from "./image.ts";
import type { Size } from "./image.ts";
import type { Pixels } from "./resample.ts";
import { outside } from "./transforms/view.ts";
import type { View } from "./transforms/view.ts";

/** Whether a picture of 8-bit channels keeps its size, so that its pixels need no neighbours and no arithmetic. */
export function keepsPixels({ data, ...from }: Pixels, to: Size): boolean {
  return data instanceof Uint8Array && sameSize(from, to);
}

/**
 * Writes an image as float32 planes, 3 × height × width from `out[offset]` on.
 * @param levels what each of the 256 values of a channel becomes: 3 × 256 numbers.
 */
export function copyLevelsInto(
  out: Float32Array,
  offset: number,
  { data, width }: Pixels,
  levels: Float32Array,
  { rows, columns, transposed }: View,
): void {
  const plane = rows.length * columns.length;
  const [rowStep, columnStep] = transposed ? [1, rows.length] : [columns.length, 1];
  for (const [i, y] of rows.entries()) {
    if (y === outside) continue;
    let to = offset + i * rowStep;
    for (let j = 0; j < columns.length; j++, to += columnStep) {
      const x = columns[j]!;
      if (x === outside) continue;
      const from = 3 * (y * width + x);
      out[to] = levels[data[from]!]!;
      out[to + plane] = levels[256 + data[from + 1]!]!;
      out[to + 2 * plane] = levels[512 + data[from + 2]!]!;
    }
  }
}
