import { ResourceError, messageOf } from "../../util/errors.ts";
import { type Kernel, type WasmMemory, compileKernel, wasmMemory } from "../../util/wasm-kernel.ts";
import type { Size } from "../image.ts";
import type { GridLines, Ids, Pixels } from "../resample.ts";
import type { Finish } from "../transforms/finish.ts";
import { flowRow, rowMap } from "../transforms/flow.ts";
import type { Flow } from "../transforms/flow.ts";
import { outside } from "../transforms/view.ts";
import type { PaddingMode, View } from "../transforms/view.ts";
import { flowKernel, pixelsKernel } from "./positions.ts";
import { bilinearKernel, channelBytes, nearestKernel } from "./sampling.ts";
import type { ChannelType } from "./sampling.ts";
import { toneKernel } from "./tone.ts";

/** What is read where: a view of a grid whose flow moves it, or whose rows and columns lie at fixed pixels. */
export interface Reading {
  readonly view: View;
  readonly at: Flow | GridLines;
  readonly paddingMode: PaddingMode;
}

const pageBytes = 65_536;
/** What takes more is left to plain code, so that a thread does not keep the memory for one large picture. */
const maxBytes = 2 ** 27;

/**
 * Samples pictures by SIMD code, one row of the result at a time: positions, pixels, tone. Masks come out exactly as by
 * `sampleMaskInto`, images as by `sampleImageInto` and `applyTone` up to float32 rounding.
 */
export class RowSampler {
  readonly #memory: WasmMemory = wasmMemory(1);
  readonly #flow: Kernel;
  readonly #pixels: Readonly<Record<PaddingMode, Kernel>>;
  readonly #bilinear: Readonly<Record<ChannelType, Kernel>>;
  readonly #nearest: Kernel;
  readonly #tone: Kernel;
  #placed: Placed | null = null;

  private constructor() {
    const compile = (bytes: Uint8Array) => compileKernel(bytes, this.#memory);
    const pixels = (mode: PaddingMode) => compile(pixelsKernel(mode));
    this.#flow = compile(flowKernel());
    this.#pixels = { reflection: pixels("reflection"), border: pixels("border"), zeros: pixels("zeros") };
    this.#bilinear = { u8: compile(bilinearKernel("u8")), f32: compile(bilinearKernel("f32")) };
    this.#nearest = compile(nearestKernel());
    this.#tone = compile(toneKernel());
  }

  /** A sampler, or null where the platform has no SIMD instructions. */
  static create(): RowSampler | null {
    try {
      return new RowSampler();
    } catch {
      return null;
    }
  }

  /** Whether it takes pictures of this kind, with one channel or three, and has room for this view of them. */
  fits(picture: Pixels | Ids, channels: 1 | 3, view: View): boolean {
    const { data } = picture;
    const takes = data instanceof Uint8Array || (channels === 3 && data instanceof Float32Array);
    return takes && roomFor(picture, channels * data.BYTES_PER_ELEMENT, view).end <= maxBytes;
  }

  /** Reads an image bilinearly into float32 planes, 3 × height × width of the view, from `out[offset]` on. */
  image(out: Float32Array, offset: number, image: Pixels, reading: Reading, { scale, toned }: Finish): void {
    const type = image.data instanceof Float32Array ? "f32" : "u8";
    const { view } = reading;
    const room = this.#open(image, 3 * channelBytes[type], reading);
    const { bytes, xs, ys, pixels, pitch } = room;
    const { buffer } = this.#memory;
    const planes = [0, 1, 2].map((c) => new Float32Array(buffer, room.out + c * bytes, view.columns.length));
    const plane = view.rows.length * view.columns.length;
    const [redScale, greenScale, blueScale] = scale.scale;
    const [red, green, blue] = scale.shift;
    const bilinear = this.#bilinear[type];
    for (const [i, y] of view.rows.entries()) {
      if (y === outside) continue;
      const row = i * bytes;
      bilinear(xs + row, ys + row, room.out, bytes, pixels, pitch, redScale, red, greenScale, green, blueScale, blue);
      for (let c = 0; c < 3; c++) {
        if (toned !== null) this.#light(room.out + c * bytes, bytes, toned, c);
        putRow(out, offset + c * plane, planes[c]!, view, i);
      }
    }
  }

  /** Reads a mask by the nearest pixel, ties to the even one, into height × width ids of the view, from `out[offset]` on. */
  mask(out: Int32Array, offset: number, mask: Ids, reading: Reading, padClass: number): void {
    const { view } = reading;
    const room = this.#open(mask, 1, reading, padClass);
    const ids = new Int32Array(this.#memory.buffer, room.out, view.columns.length);
    for (const [i, y] of view.rows.entries()) {
      if (y === outside) continue;
      const row = i * room.bytes;
      this.#nearest(room.xs + row, room.ys + row, room.out, room.bytes, room.pixels, room.pitch);
      putRow(out, offset, ids, view, i);
    }
  }

  #light(values: number, bytes: number, { tone, scale }: NonNullable<Finish["toned"]>, c: number): void {
    const { contrast, brightness } = tone;
    this.#tone(values, bytes, -contrast, -brightness * Math.LOG2E, scale.scale[c]!, scale.shift[c]!);
  }

  /** Copies a picture into the memory, with a border around it, and the positions where it will be read. */
  #open(picture: Pixels | Ids, pixelBytes: number, reading: Reading, border = 0): Room {
    const room = roomFor(picture, pixelBytes, reading.view);
    this.#grow(room.end);
    const bytes = new Uint8Array(this.#memory.buffer);
    bytes.fill(border, room.start, room.end);
    const { data, height, width } = picture;
    const source = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const length = width * pixelBytes;
    for (let y = 0; y < height; y++) {
      bytes.set(source.subarray(y * length, (y + 1) * length), room.pixels + y * room.pitch);
    }
    if (!isPlaced(this.#placed, picture, reading)) {
      this.#place(picture, reading, room);
      this.#placed = { reading, height, width };
    }
    return room;
  }

  /** Works out the positions of all rows. */
  #place({ height, width }: Size, { at, view, paddingMode }: Reading, { columns, xs, ys, bytes }: Room): void {
    const { buffer } = this.#memory;
    const length = bytes / 4;
    // What pads the rows to whole vectors is read as well, so it must lie in the picture: at column 0.
    new Int32Array(buffer, columns, length).fill(0).set(view.columns);
    const pixels = this.#pixels[paddingMode];
    for (const [i, y] of view.rows.entries()) {
      if (y === outside) continue;
      const row = i * bytes;
      const horizontal = () => new Float32Array(buffer, xs + row, length).fill(0);
      const vertical = () => new Float32Array(buffer, ys + row, length).fill(0);
      if ("grid" in at) {
        if (at.points === null) this.#flow(columns, xs + row, ys + row, bytes, ...rowMap(at, y));
        else flowRow(at, y, view.columns, horizontal(), vertical());
        pixels(xs + row, bytes, (width - 1) / 2, width - 1);
        pixels(ys + row, bytes, (height - 1) / 2, height - 1);
      } else {
        const places = horizontal();
        view.columns.forEach((x, j) => (places[j] = at.columns[x] ?? 0));
        vertical().fill(at.rows[y]!);
      }
    }
  }

  #grow(end: number): void {
    const pages = Math.ceil((end - this.#memory.buffer.byteLength) / pageBytes);
    if (pages <= 0) return;
    try {
      this.#memory.grow(pages);
    } catch (error) {
      throw new ResourceError(`data: no memory to transform a picture in: ${messageOf(error)}`, {
        hint: "Use fewer workers or smaller pictures.",
        cause: error,
      });
    }
  }
}

/** Whose positions lie in the memory: those of an image are its mask's as well. */
interface Placed extends Size {
  readonly reading: Reading;
}

function isPlaced(placed: Placed | null, { height, width }: Size, { at, view, paddingMode }: Reading): boolean {
  if (placed === null || placed.height !== height || placed.width !== width) return false;
  const { reading } = placed;
  return reading.at === at && reading.view === view && reading.paddingMode === paddingMode;
}

/** Addresses in the memory. */
interface Room {
  /** Bytes of a row of numbers: whole vectors. */
  readonly bytes: number;
  /** A row of column numbers, then three rows of results. */
  readonly columns: number;
  readonly out: number;
  /** Positions, a row of each for every row of the view. */
  readonly xs: number;
  readonly ys: number;
  /** The picture with its border, its first pixel, and how many bytes its rows lie apart. */
  readonly start: number;
  readonly pixels: number;
  readonly pitch: number;
  readonly end: number;
}

function roomFor({ height, width }: Size, pixelBytes: number, { rows, columns }: View): Room {
  const bytes = Math.ceil(columns.length / 4) * 16;
  const xs = 4 * bytes;
  const ys = xs + rows.length * bytes;
  const start = ys + rows.length * bytes;
  const pitch = (width + 2) * pixelBytes;
  // One row more below and some bytes: what is read beside the last pixels of the border.
  const end = start + (height + 3) * pitch + 32;
  return { bytes, columns: 0, out: bytes, xs, ys, start, pixels: start + pitch + pixelBytes, pitch, end };
}

/** Writes row i of a view into a plane that begins at `out[offset]`. */
function putRow<T extends Float32Array | Int32Array>(out: T, offset: number, row: T, view: View, i: number): void {
  if (!view.transposed) {
    out.set(row, offset + i * row.length);
    return;
  }
  const step = view.rows.length;
  for (let j = 0, to = offset + i; j < row.length; j++, to += step) out[to] = row[j]!;
}
