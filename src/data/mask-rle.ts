import { DataError } from "../util/errors.ts";
import type { IdMask, Size } from "./image.ts";

/**
 * Run-length text of the pixels that are not 0: pairs of a start, counted from 1, and a length, over the rows one after
 * the other. Kaggle's masks count along columns: transpose them.
 * @see fastai-spec §2.4, `rle_encode`.
 * @example const text = rleEncode(mask); // "3 2 9 4"
 */
export function rleEncode({ data }: IdMask): string {
  const runs: number[] = [];
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0) continue;
    const start = i;
    while (i < data.length && data[i] !== 0) i++;
    runs.push(start + 1, i - start);
  }
  return runs.join(" ");
}

/**
 * The pixels named by run-length text as ones, all others as zeros.
 * @throws DataError for text that is no pairs of whole numbers, or runs that do not fit into height × width.
 * @example const { data: ids } = rleDecode("3 2 9 4", { height: 4, width: 5 });
 */
export function rleDecode(text: string, { height, width }: Size): IdMask {
  const data = new Uint8Array(height * width);
  const numbers = text.trim() === "" ? [] : text.trim().split(/\s+/).map(Number);
  if (numbers.length % 2 !== 0 || !numbers.every((n) => Number.isInteger(n) && n > 0)) {
    throw new DataError(`rle: expected pairs of a start and a length, but received "${text.trim().slice(0, 40)}"`);
  }
  for (let i = 0; i < numbers.length; i += 2) {
    const [start, length] = [numbers[i]! - 1, numbers[i + 1]!];
    if (start + length > data.length) {
      throw new DataError(
        `rle: a run ends at pixel ${start + length}, but a ${height}×${width} mask has ${data.length}`,
      );
    }
    data.fill(1, start, start + length);
  }
  return { data, height, width };
}

/**
 * A mask from run-length text: fastai's `open_mask_rle`. Errors as `rleDecode`.
 * @see fastai-spec §2.4
 * @example const building = openMaskRle("3 2 9 4", { height: 4, width: 5 });
 */
export const openMaskRle = rleDecode;
