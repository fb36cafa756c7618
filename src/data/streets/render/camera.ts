import type { Random } from "../../../util/random.ts";

/** A point of the street: metres to the right of the road's middle, above the road, and ahead of the camera. */
export type Point = readonly [s: number, y: number, z: number];

/** How the street falls on the image. Screen units are samples. */
export interface Lens {
  readonly height: number;
  readonly width: number;
  /** Focal length in samples. */
  readonly focal: number;
  /** The vanishing point of a straight, level road, before roll. */
  readonly vanishing: readonly [x: number, y: number];
  /** Tilt about the optical axis, radians. */
  readonly roll: number;
  /** Metres to the right of the road's middle, and above it. */
  readonly offset: number;
  readonly eye: number;
  /** The road bends: curve·z²/2 metres to the right at depth z. */
  readonly curve: number;
  /** The road climbs: grade·z² metres at depth z. */
  readonly grade: number;
}

/** A pinhole camera in a street that may bend and climb. */
export class Camera {
  readonly lens: Lens;
  readonly #cos: number;
  readonly #sin: number;

  constructor(lens: Lens) {
    this.lens = lens;
    this.#cos = Math.cos(lens.roll);
    this.#sin = Math.sin(lens.roll);
  }

  /** The place of a point of the street on the screen; its depth z must be positive. */
  project(s: number, y: number, z: number): [x: number, y: number] {
    const { lens } = this;
    const across = (lens.focal * (s - lens.offset + (lens.curve * z * z) / 2)) / z;
    const down = (lens.focal * (lens.eye - y - lens.grade * z * z)) / z;
    const dx = lens.vanishing[0] + across - lens.width / 2;
    const dy = lens.vanishing[1] + down - lens.height / 2;
    return [lens.width / 2 + dx * this.#cos - dy * this.#sin, lens.height / 2 + dx * this.#sin + dy * this.#cos];
  }

  /** The screen place without roll, from the vanishing point: right and down, in samples. */
  unroll(x: number, y: number): [across: number, down: number] {
    const { lens } = this;
    const dx = x - lens.width / 2;
    const dy = y - lens.height / 2;
    return [
      dx * this.#cos + dy * this.#sin + lens.width / 2 - lens.vanishing[0],
      dy * this.#cos - dx * this.#sin + lens.height / 2 - lens.vanishing[1],
    ];
  }

  /** How `unroll` changes from one sample to the next in a row. */
  get step(): readonly [across: number, down: number] {
    return [this.#cos, -this.#sin];
  }

  /** 1/depth of the road surface seen `down` samples below the vanishing point; 0 or less where none is seen. */
  groundNearness(down: number): number {
    const { focal, eye, grade } = this.lens;
    const root = down * down + 4 * grade * focal * focal * eye;
    if (root < 0 || (grade <= 0 && down <= 0)) return 0;
    return (down + Math.sqrt(root)) / (2 * focal * eye);
  }

  /** Metres to the right of the road's middle, of a point seen `across` samples from the vanishing point at depth z. */
  lateral(across: number, z: number): number {
    const { focal, offset, curve } = this.lens;
    return (across * z) / focal + offset - (curve * z * z) / 2;
  }
}

/** A camera as a car, a van or a cyclist would carry it, in a road whose right half is `lane` metres wide. */
export function randomLens(random: Random, height: number, width: number, offset: number): Lens {
  const focal = random.between(0.78, 1.15) * Math.max(width, (height * 4) / 3);
  const eye = random.chance(0.12) ? random.between(2, 2.8) : random.between(1.25, 1.8);
  const bends = random.chance(0.45);
  const climbs = random.chance(0.35);
  return {
    height,
    width,
    focal,
    vanishing: [width * random.between(0.36, 0.64), height * random.between(0.38, 0.56)],
    roll: 0.016 * random.normal(),
    offset,
    eye,
    curve: bends ? (random.chance(0.5) ? 1 : -1) / random.between(85, 420) : 0,
    grade: climbs ? random.between(-1, 1.6) * 2e-4 : 0,
  };
}
