import { DataError, OversizeError } from "../util/errors.ts";
import { blankMask, type IdMask, type Size } from "./image.ts";

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

/** Characters that a run and the spaces around it take at most, generously. */
const mostOfRun = 64;

/**
 * The pixels named by run-length text as ones, all others as zeros.
 * @throws DataError for text that is no pairs of whole numbers, or runs that do not fit into height × width; OversizeError
 * for masks over 100 megapixels and for runs of more pixels than the mask has.
 * @example const { data: ids } = rleDecode("3 2 9 4", { height: 4, width: 5 });
 */
export function rleDecode(text: string, { height, width }: Size): IdMask {
  const data = blankMask("rle", { height, width });
  if (text.length > mostOfRun * (data.length + 1))
    throw new OversizeError(`rle: ${text.length} characters are more than runs of ${data.length} pixels can take`);
  let covered = 0;
  for (const [start, length] of runsOf(text)) {
    if (start + length > data.length)
      throw new DataError(
        `rle: a run ends at pixel ${start + length}, but a ${height}×${width} mask has ${data.length}`,
      );
    covered += length;
    if (covered > data.length)
      throw new OversizeError(`rle: runs overlap: they name more pixels than the ${data.length} of the mask`);
    data.fill(1, start, start + length);
  }
  return { data, height, width };
}

/** Start, counted from 0, and length of every run. */
function* runsOf(text: string): Generator<readonly [start: number, length: number], void, void> {
  const fail = (): DataError =>
    new DataError(`rle: expected pairs of a start and a length, but received "${text.trim().slice(0, 40)}"`);
  let start: number | undefined;
  for (const [word] of text.matchAll(/\S+/g)) {
    const value = Number(word);
    if (!Number.isSafeInteger(value) || value <= 0) throw fail();
    if (start === undefined) start = value - 1;
    else {
      yield [start, value];
      start = undefined;
    }
  }
  if (start !== undefined) throw fail();
}

/**
 * A mask from run-length text: fastai's `open_mask_rle`. Errors as `rleDecode`.
 * @see fastai-spec §2.4
 * @example const building = openMaskRle("3 2 9 4", { height: 4, width: 5 });
 */
export const openMaskRle = rleDecode;
