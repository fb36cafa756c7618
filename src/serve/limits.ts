/** What a server takes at most. */
export interface ServeLimits {
  /** Bytes of a request's body. */
  readonly bytes: number;
  /** Pixels of a picture. Memory goes with it: the network's answer has a float of every class for each pixel. */
  readonly pixels: number;
  /** Milliseconds from the arrival of a request to its answer. */
  readonly milliseconds: number;
  /** Requests that are read, wait or are worked on at a time; more are refused. */
  readonly queue: number;
}

export const defaultLimits: ServeLimits = { bytes: 20e6, pixels: 16e6, milliseconds: 30_000, queue: 64 };

/** Pictures that are decoded, computed or encoded at a time, so that the three overlap. */
export const atWork = 3;
