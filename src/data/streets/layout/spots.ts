/** The ground that is taken, so that things do not stand in each other. */
export class Spots {
  readonly #taken: (readonly [s: number, z: number, halfWidth: number, halfLength: number])[] = [];

  /** Takes a rectangle around s, z unless some of it is taken; tells whether it did. Sizes in metres. */
  take(s: number, z: number, width: number, length: number): boolean {
    const [w, l] = [width / 2, length / 2];
    for (const [ts, tz, tw, tl] of this.#taken) {
      if (Math.abs(s - ts) < w + tw && Math.abs(z - tz) < l + tl) return false;
    }
    this.#taken.push([s, z, w, l]);
    return true;
  }
}
