import type { LoweredProgram } from "../onnx/lower.ts";
import type { Engine } from "./engine.ts";

/**
 * Programs that only look at the model, by name. A program keeps the memory of its largest run, so that only those used
 * last are held.
 */
export class RecentPrograms {
  readonly #engine: Engine;
  readonly #most: number;
  readonly #names = new Set<string>();

  /** @param most how many programs are held; default 4. */
  constructor(engine: Engine, most = 4) {
    this.#engine = engine;
    this.#most = most;
  }

  /** A program by its name, made where there is none of that name. Returns the name. */
  async named(name: string, make: () => LoweredProgram): Promise<string> {
    if (!this.#names.delete(name)) await this.#engine.define(name, make());
    this.#names.add(name);
    for (const oldest of this.#names) {
      if (this.#names.size <= this.#most) break;
      this.#names.delete(oldest);
      await this.#engine.release(oldest);
    }
    return name;
  }

  /** Lets go of all programs; tells how many there were. */
  async forget(): Promise<number> {
    const { size } = this.#names;
    for (const name of this.#names) await this.#engine.release(name);
    this.#names.clear();
    return size;
  }
}
