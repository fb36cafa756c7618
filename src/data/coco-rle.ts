import { DataError, OversizeError } from "../util/errors.ts";
import { blankMask, type IdMask } from "./image.ts";

/** A binary mask as COCO stores it. */
export interface CocoRle {
  /** Height and width. */
  readonly size: readonly [height: number, width: number];
  /** Lengths of runs of zeros and ones in turn, down the columns one after the other, as pycocotools packs them. */
  readonly counts: string;
}

/**
 * Every class of a mask as COCO's run-length encoding, by ascending id: the text that pycocotools writes.
 * @see cocodataset/cocoapi, common/maskApi.h: runs count down the columns and begin with zeros.
 * @example for (const [id, { counts }] of encodeCocoRle(mask)) console.log(id, counts);
 */
export function encodeCocoRle(mask: IdMask): ReadonlyMap<number, CocoRle> {
  const { height, width } = mask;
  const ids = [...columnRuns(mask)].toSorted(([a], [b]) => a - b);
  return new Map(ids.map(([id, runs]) => [id, { size: [height, width], counts: packCounts(runs) }]));
}

/** For each class, the lengths of runs of other pixels and of its own in turn, down the columns. */
function columnRuns({ data, height, width }: IdMask): Map<number, number[]> {
  const runs = new Map<number, number[]>();
  const ends = new Uint32Array(256);
  const close = (id: number, start: number, end: number): void => {
    const lengths = runs.get(id);
    if (lengths) lengths.push(start - ends[id]!, end - start);
    else runs.set(id, [start, end - start]);
    ends[id] = end;
  };
  let [id, start, at] = [data[0] ?? 0, 0, 0];
  for (let x = 0; x < width; x++)
    for (let i = x; i < data.length; i += width, at++) {
      if (data[i] === id) continue;
      close(id, start, at);
      [id, start] = [data[i]!, at];
    }
  if (at > 0) close(id, start, at);
  for (const [id, lengths] of runs) if (ends[id]! < height * width) lengths.push(height * width - ends[id]!);
  return runs;
}

const mostOfRun = 7;

/**
 * The pixels of COCO's run-length encoding as ones, all others as zeros.
 * @throws DataError for text that is no such encoding, or whose runs do not add up to the size; OversizeError for masks over 100
 * megapixels and for more runs than such a mask can have.
 * @example const { data: ids } = decodeCocoRle({ size: [4, 3], counts: "1332" });
 */
export function decodeCocoRle({ size: [height, width], counts }: CocoRle): IdMask {
  const data = blankMask("COCO RLE", { height, width });
  // Runs have a pixel at least, but for the first; a number takes seven characters at most.
  if (counts.length > mostOfRun * (data.length + 2))
    throw new OversizeError(
      `COCO RLE: ${counts.length} characters are more than runs of ${data.length} pixels can take`,
    );
  let [at, i] = [0, 0];
  for (const length of unpackCounts(counts)) {
    if (length < 0 || at + length > data.length) throw notOf(height, width);
    if (i++ % 2 === 1) for (let p = at; p < at + length; p++) data[(p % height) * width + Math.floor(p / height)] = 1;
    at += length;
  }
  if (at !== data.length) throw notOf(height, width);
  return { data, height, width };
}

/**
 * Numbers as text: from the fourth on each as its difference to the one two before; 5 bits a character from the lowest, a
 * sixth that says whether more follow, 48 added.
 */
function packCounts(counts: readonly number[]): string {
  const codes: number[] = [];
  for (const [i, count] of counts.entries()) {
    let rest = i > 2 ? count - counts[i - 2]! : count;
    for (let more = true; more;) {
      const bits = rest & 31;
      rest >>= 5;
      more = bits & 16 ? rest !== -1 : rest !== 0;
      codes.push(48 + bits + (more ? 32 : 0));
    }
  }
  const parts: string[] = [];
  for (let i = 0; i < codes.length; i += 4096) parts.push(String.fromCharCode(...codes.slice(i, i + 4096)));
  return parts.join("");
}

function* unpackCounts(text: string): Generator<number, void, void> {
  let [beforeLast, last] = [0, 0];
  for (let at = 0, i = 0; at < text.length; i++) {
    let [value, shift, bits] = [0, 0, 32];
    for (; bits & 32; shift += 5) {
      bits = text.charCodeAt(at++) - 48;
      if (!(bits >= 0 && bits < 64) || shift > 25)
        throw new DataError(`COCO RLE: expected packed counts, but received "${text.slice(0, 40)}"`);
      value |= (bits & 31) << shift;
    }
    // The sign is the highest of the bits that were given.
    if (bits & 16) value |= -1 << shift;
    [beforeLast, last] = [last, i > 2 ? value + beforeLast : value];
    yield last;
  }
}

function notOf(height: number, width: number): DataError {
  return new DataError(`COCO RLE: its runs are not those of a ${height}×${width} mask`);
}
