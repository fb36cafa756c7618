/** Work that goes on beside what begins it, one piece at a time. */
export class Background {
  #work: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** Whether the last piece is still under way. */
  get busy(): boolean {
    return this.#work !== undefined;
  }

  /** Begins a piece of work; the one before it must be done. What it throws is kept. */
  begin(work: () => Promise<void>): void {
    this.#work = work()
      .catch((error: unknown) => void (this.#failure ??= { error }))
      .finally(() => (this.#work = undefined));
  }

  /** Throws what a piece of work threw, once. */
  throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
  }

  /** Waits for what is under way, then throws as `throwFailure`. */
  async settled(): Promise<void> {
    await this.#work;
    this.throwFailure();
  }
}
