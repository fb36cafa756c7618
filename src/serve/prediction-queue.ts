/**
 * The requests inside a server: a bounded number of places, and fewer turns to work. Places are for those whose body is
 * read or who wait; who finds none free is not let in, so that memory and waiting time stay bounded.
 */
export class PredictionQueue {
  readonly #places: number;
  readonly #turns: number;
  readonly #waiting = new Set<() => void>();
  #inside = 0;
  #working = 0;

  constructor(places: number, turns: number) {
    this.#places = places;
    this.#turns = turns;
  }

  /** Requests that have a place. */
  get inside(): number {
    return this.#inside;
  }

  /** Those of them that wait for a turn. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes a place; false where all are taken. Whoever got one leaves once. */
  enter(): boolean {
    if (this.#inside >= this.#places) return false;
    this.#inside++;
    return true;
  }

  leave(): void {
    this.#inside--;
  }

  /** Does work at its turn, first come, first served. Work whose signal is aborted before that is not begun: throws its reason. */
  async work<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#turn(signal);
    try {
      return await task();
    } finally {
      const [next] = this.#waiting;
      if (next) next();
      else this.#working--;
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#working < this.#turns) {
      this.#working++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const settle = (end: () => void) => (): void => {
        this.#waiting.delete(begin);
        signal.removeEventListener("abort", giveUp);
        end();
      };
      const begin = settle(resolve);
      const giveUp = settle(() => reject(signal.reason as Error));
      this.#waiting.add(begin);
      signal.addEventListener("abort", giveUp);
    });
  }
}
