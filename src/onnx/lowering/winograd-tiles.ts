import { outerSide } from "../../util/winograd-matrices.ts";
import type { GraphBuilder, TypedValue, Value } from "../builder.ts";

/** Count, height and width of pictures. */
export type Grid = readonly [n: number, height: number, width: number];

/** How pictures are cut into blocks of output tiles of 4×4 pixels, all of one shape. */
export interface Tiling {
  readonly grid: Grid;
  /** Tiles down and across one picture; the last ones may reach beyond it. */
  readonly down: number;
  readonly across: number;
  /** A block is some rows of tiles of one picture, or all those of several. */
  readonly pictures: number;
  readonly rows: number;
  readonly blocks: number;
  /** Tiles of a block. */
  readonly tiles: number;
}

/** Tiles that are worked on at a time: enough for fast matrix products, few enough for the caches. */
const tilesAtATime = 192;

export function tilingOf(grid: Grid): Tiling {
  const [n, height, width] = grid;
  const [down, across] = [Math.ceil(height / outerSide), Math.ceil(width / outerSide)];
  const blocks = [
    ...divisorsOf(down).map((rows) => ({ rows, pictures: 1 })),
    ...divisorsOf(n).map((pictures) => ({ rows: down, pictures })),
  ];
  const away = (block: (typeof blocks)[number]): number =>
    Math.abs(Math.log((block.rows * block.pictures * across) / tilesAtATime));
  const { rows, pictures } = blocks.reduce((best, block) => (away(block) < away(best) ? block : best));
  const tiles = pictures * rows * across;
  return { grid, down, across, pictures, rows, tiles, blocks: (n * down * across) / tiles };
}

function divisorsOf(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1).filter((divisor) => n % divisor === 0);
}

/** The pixels that tiles of some side read, each tile `border` pixels up and left of where its output begins. */
export interface Windows {
  readonly side: number;
  /** Of the input's pixels, for each block: where its window begins and ends, and its tiles' pixels in there. */
  readonly elements: readonly TypedValue[];
  /** Whether some tile reaches beyond the picture. */
  readonly beyond: boolean;
}

/** Windows for tiles of this side, whose outputs begin `border` pixels down and right of them. */
export function windowsOf(b: GraphBuilder, tiling: Tiling, side: number, border: number): Windows {
  const { grid, down, across, rows, blocks, tiles } = tiling;
  const [, height, width] = grid;
  // All windows are equally high: those at the edges move inwards.
  const windowHeight = Math.min(outerSide * (rows - 1) + side, height);
  const name = `windows of ${grid.join("×")}, ${side}, ${border}`;
  // A window of several pictures has all their rows, so that its pixels lie next to each other.
  const length = tiling.pictures * windowHeight * width;
  const bounds = (which: string, beyondStart: number): TypedValue => {
    const make = (): Value => {
      const all = Array.from({ length: blocks }, (_, i) => {
        const [picture, top] = cornerOf(tiling, i, windowHeight, border);
        return (picture * height + top) * width + beyondStart;
      });
      return b.constant(BigInt64Array.from(all, BigInt), [blocks, 1], "int64");
    };
    return { value: b.shared(`${name}: ${which}`, make), shape: [1], dtype: "int64" };
  };
  const pixels = b.shared(`${name}: pixels`, () =>
    b.constant(pixelsOf(tiling, side, border, windowHeight), [blocks, side * side * tiles], "int32"),
  );
  return {
    side,
    beyond: border > 0 || down * outerSide > height || across * outerSide > width,
    elements: [
      bounds("starts", 0),
      bounds("ends", length),
      { value: pixels, shape: [side * side * tiles], dtype: "int32" },
    ],
  };
}

type Corner = readonly [picture: number, top: number];

/** The first picture and row of a block's window. */
function cornerOf({ grid, down, pictures, rows }: Tiling, block: number, height: number, border: number): Corner {
  const bands = down / rows;
  const top = outerSide * (block % bands) * rows - border;
  return [Math.floor(block / bands) * pictures, Math.max(0, Math.min(top, grid[1] - height))];
}

/** The pixel of the window under each tap of each tile of each block; one past the last stands for zeros. */
function pixelsOf(tiling: Tiling, side: number, border: number, windowHeight: number): Int32Array {
  const { grid, across, down, pictures, rows, blocks, tiles } = tiling;
  const [, height, width] = grid;
  const pixels = new Int32Array(blocks * side * side * tiles).fill(pictures * windowHeight * width);
  let next = 0;
  for (let block = 0; block < blocks; block++) {
    const [, top] = cornerOf(tiling, block, windowHeight, border);
    const firstRow = (block % (down / rows)) * rows;
    for (let tap = 0; tap < side * side; tap++)
      for (let strip = 0; strip < pictures * rows; strip++) {
        const y = outerSide * (firstRow + (strip % rows)) - border + Math.floor(tap / side);
        const row = Math.floor(strip / rows) * windowHeight + y - top;
        for (let column = 0; column < across; column++, next++) {
          const x = outerSide * column - border + (tap % side);
          if (y >= 0 && x >= 0 && y < height && x < width) pixels[next] = row * width + x;
        }
      }
  }
  return pixels;
}

/** Pictures x [n, c, height, width] with channels last, a row for each pixel: [n·height·width, c]. */
export function pixelsLast(b: GraphBuilder, x: Value, channels: number, [n, height, width]: Grid): Value {
  const planes = b.reshape(x, [n, channels, height * width]);
  return b.reshape(b.transpose(planes, [0, 2, 1]), [n * height * width, channels]);
}

/** The tiles of one block, tap by tap: [side², tiles·c] of pictures as `pixelsLast` gives them. */
export function pickTiles(
  b: GraphBuilder,
  pixels: Value,
  channels: number,
  { tiles }: Tiling,
  { side, beyond }: Windows,
  [start, end, picked]: readonly Value[],
): Value {
  const window = b.node("Slice", [pixels, start!, end!, b.ints([0])]);
  const zeros = (): Value => b.shared(`zeros ${channels}`, () => b.filled([1, channels], 0));
  const source = beyond ? b.node("Concat", [window, zeros()], { axis: 0 }) : window;
  return b.reshape(b.node("Gather", [source, picked!], { axis: 0 }), [side ** 2, tiles * channels]);
}

/** Blocks [pictures, c, pixels of the block] one after another, as pictures float32 [n, c, height, width]. */
export function joinBlocks(b: GraphBuilder, blocks: Value, channels: number, tiling: Tiling): Value {
  const { grid, down, across, rows } = tiling;
  const [n, height, width] = grid;
  const [tall, wide] = [down * outerSide, across * outerSide];
  const bands = down / rows;
  const whole =
    bands === 1 ? blocks : b.transpose(b.reshape(blocks, [n, bands, channels, rows * outerSide * wide]), [0, 2, 1, 3]);
  const pictures = b.reshape(whole, [n, channels, tall, wide]);
  if (tall === height && wide === width) return pictures;
  return b.slice(pictures, [
    { axis: 2, start: 0, stop: height },
    { axis: 3, start: 0, stop: width },
  ]);
}
