/** Sizes are rounded up to this. */
const grain = 256;
/** A chunk is handed out whole unless so many bytes of it would be left over, or half of it. */
const mostLeftOver = 2 ** 27;
const firstRegion = 2 ** 20;
const largestRegion = 2 ** 30;
/** What is touched is counted in pieces of this size. */
const piece = 2 ** 16;

/** Where values are while they live. */
export interface Allocator<Place> {
  /** Bytes that were ever in use, and are not given back. */
  readonly touched: number;
  allocate(bytes: number): Place;
  release(place: Place): void;
}

/** A part of a region: in use, or free and among `Arena.#free`. */
interface Chunk {
  readonly region: Region;
  readonly at: number;
  size: number;
  used: boolean;
  before: Chunk | undefined;
  after: Chunk | undefined;
}

/** Memory from the system, and which pieces of it were ever in use. */
interface Region {
  readonly number: number;
  readonly touched: Uint8Array;
}

/**
 * ONNX Runtime's memory arena, as its `BFCArena` goes about it: regions that grow by doubling are cut into chunks, of which
 * the smallest that is large enough is handed out, and neighbours that are free are joined.
 */
export class Arena implements Allocator<Chunk> {
  /** Bytes of the system's memory that were ever in use. */
  touched = 0;
  readonly #free: Chunk[] = [];
  #regions = 0;
  #next = firstRegion;

  allocate(bytes: number): Chunk {
    const size = Math.max(Math.ceil(bytes / grain), 1) * grain;
    const found = this.#free.findIndex((chunk) => chunk.size >= size);
    const chunk = found === -1 ? this.#extended(size) : this.#free.splice(found, 1)[0]!;
    if (chunk.size >= 2 * size || chunk.size - size >= mostLeftOver) this.#split(chunk, size);
    chunk.used = true;
    this.#touch(chunk, size);
    return chunk;
  }

  release(chunk: Chunk): void {
    chunk.used = false;
    let whole = chunk;
    const { before, after } = chunk;
    if (after && !after.used) {
      this.#take(after);
      join(chunk, after);
    }
    if (before && !before.used) {
      this.#take(before);
      join(before, chunk);
      whole = before;
    }
    this.#insert(whole);
  }

  #extended(size: number): Chunk {
    const grown = size > this.#next;
    while (size > this.#next) this.#next *= 2;
    const bytes = this.#next;
    if (!grown) this.#next = Math.min(2 * this.#next, largestRegion);
    const region: Region = { number: this.#regions++, touched: new Uint8Array(Math.ceil(bytes / piece)) };
    return { region, at: 0, size: bytes, used: false, before: undefined, after: undefined };
  }

  #split(chunk: Chunk, size: number): void {
    const { region, at, after } = chunk;
    const rest: Chunk = { region, at: at + size, size: chunk.size - size, used: false, before: chunk, after };
    if (after) after.before = rest;
    chunk.after = rest;
    chunk.size = size;
    this.#insert(rest);
  }

  /** Among the free chunks, by their sizes and places. */
  #insert(chunk: Chunk): void {
    let [low, high] = [0, this.#free.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (comesFirst(this.#free[middle]!, chunk)) low = middle + 1;
      else high = middle;
    }
    this.#free.splice(low, 0, chunk);
  }

  #take(chunk: Chunk): void {
    this.#free.splice(this.#free.indexOf(chunk), 1);
  }

  #touch({ region: { touched }, at }: Chunk, size: number): void {
    const [first, last] = [Math.floor(at / piece), Math.floor((at + size - 1) / piece)];
    for (let i = first; i <= last; i++) {
      if (touched[i] === 0) this.touched += piece;
      touched[i] = 1;
    }
  }
}

function comesFirst(a: Chunk, b: Chunk): boolean {
  if (a.size !== b.size) return a.size < b.size;
  return a.region.number !== b.region.number ? a.region.number < b.region.number : a.at < b.at;
}

function join(first: Chunk, second: Chunk): void {
  first.size += second.size;
  first.after = second.after;
  if (second.after) second.after.before = first;
}
