import type { Allocator } from "./arena.ts";

/**
 * The buffers of ONNX Runtime's WebGPU in its cache mode "simple": one for each value, kept when it is no longer used for the
 * next value of just that size.
 */
export class BufferCache implements Allocator<number> {
  touched = 0;
  readonly #free = new Map<number, number>();

  allocate(bytes: number): number {
    const free = this.#free.get(bytes) ?? 0;
    if (free > 0) this.#free.set(bytes, free - 1);
    else this.touched += bytes;
    return bytes;
  }

  release(bytes: number): void {
    this.#free.set(bytes, (this.#free.get(bytes) ?? 0) + 1);
  }
}
