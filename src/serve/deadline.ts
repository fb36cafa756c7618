/** The time a request has, ended early when its client goes away. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #client: AbortSignal;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #gone = (): void => this.#controller.abort(new ClientGone());

  constructor(milliseconds: number, client: AbortSignal) {
    this.#client = client;
    this.#timer = setTimeout(() => this.#controller.abort(new Late()), milliseconds);
    if (client.aborted) this.#gone();
    else client.addEventListener("abort", this.#gone);
  }

  /** Aborted with `Late` or `ClientGone`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What work gives, or the signal's reason where that is first; the work itself goes on. */
  async within<T>(work: Promise<T>): Promise<T> {
    const { signal } = this;
    let giveUp = (): void => {};
    const ended = new Promise<never>((_, reject) => {
      giveUp = () => reject(signal.reason as Error);
      if (signal.aborted) giveUp();
      else signal.addEventListener("abort", giveUp);
    });
    try {
      return await Promise.race([work, ended]);
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  /** Lets go of timer and client. */
  end(): void {
    clearTimeout(this.#timer);
    this.#client.removeEventListener("abort", this.#gone);
  }
}

/** The time of a request is over. */
export class Late extends Error {}

/** Nobody waits for the answer any more. */
export class ClientGone extends Error {}
