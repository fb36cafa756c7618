import type { Random } from "../../../util/random.ts";
import type { Rgb } from "../render/colour.ts";
import { grey, rgb } from "../render/colour.ts";
import { pick, pickWeighted, within } from "../render/draws.ts";

/** The shape of a vehicle in metres: l along it with the front positive, y up. */
export interface CarShape {
  readonly length: number;
  readonly width: number;
  /** Outline of the lower body from the side: over the top from the foot of the back to the foot of the front. */
  readonly profile: readonly (readonly [l: number, y: number])[];
  readonly cabin: Cabin;
  readonly axles: readonly number[];
  readonly wheel: number;
  readonly lampHeight: number;
  /** A colour that goes with the kind of vehicle. */
  readonly livery: Rgb | undefined;
}

interface Cabin {
  /** Where the cabin begins and ends at the belt and at the roof. */
  readonly bottom: readonly [number, number];
  readonly top: readonly [number, number];
  readonly belt: number;
  readonly roof: number;
  /** Half width of the roof as a share of the body's. */
  readonly narrow: number;
  readonly panes: number;
  /** Side windows lie ahead of this. */
  readonly glazed: number;
  readonly closedBack: boolean;
}

type Kind = "hatchback" | "saloon" | "estate" | "offroad" | "van" | "bus" | "lorry";

export type CarSize = "car" | "van" | "long";

/** The ground a vehicle of a size needs, with some air around it, metres. */
export const carRoom: Readonly<Record<CarSize, { readonly length: number; readonly width: number }>> = {
  car: { length: 5.2, width: 2 },
  van: { length: 6.4, width: 2.1 },
  long: { length: 12, width: 2.6 },
};

const kinds: Readonly<Record<CarSize, readonly (readonly [number, Kind])[]>> = {
  car: [
    [36, "hatchback"],
    [26, "saloon"],
    [20, "estate"],
    [18, "offroad"],
  ],
  van: [[1, "van"]],
  long: [
    [3, "bus"],
    [2, "lorry"],
  ],
};

/** A vehicle of a size. */
export function randomCarShape(random: Random, size: CarSize): CarShape {
  const kind = pickWeighted(random, kinds[size]);
  return kind === "van" || kind === "bus" || kind === "lorry" ? boxy(random, kind) : ordinary(random, kind);
}

function ordinary(random: Random, kind: "hatchback" | "saloon" | "estate" | "offroad"): CarShape {
  const tall = kind === "offroad" ? 0.2 : 0;
  const length = within(random, lengths[kind]);
  const width = random.between(1.66, 1.84) + tall * 0.4;
  const [back, front] = [-length / 2, length / 2];
  const belt = random.between(0.86, 0.95) + tall;
  const roof = random.between(1.4, 1.52) + tall * 1.2;
  const bonnet = belt - random.between(0.1, 0.18);
  const nose = front - length * random.between(0.24, 0.28);
  const boot = kind === "saloon" ? length * 0.17 : 0.06;
  const rear = back + boot;
  return {
    length,
    width,
    profile: [
      [back + 0.12, 0.2 + tall / 2],
      [back, 0.42 + tall / 2],
      [back + 0.05, kind === "saloon" ? belt - 0.03 : belt],
      [rear, belt],
      [nose, belt],
      [front - 0.16, bonnet],
      [front - 0.03, bonnet - 0.08],
      [front, 0.36 + tall / 2],
      [front - 0.14, 0.2 + tall / 2],
    ],
    cabin: {
      bottom: [rear, nose],
      top: [rear + (kind === "saloon" ? 0.6 : kind === "hatchback" ? 0.42 : 0.25), nose - random.between(0.62, 0.85)],
      belt,
      roof,
      narrow: 0.78,
      panes: kind === "estate" ? 3 : 2,
      glazed: -Infinity,
      closedBack: false,
    },
    axles: [back + length * 0.19, front - length * 0.2],
    wheel: 0.31 + tall * 0.25,
    lampHeight: bonnet - 0.2,
    livery: undefined,
  };
}

const lengths = {
  hatchback: [3.6, 4.1],
  saloon: [4.3, 4.8],
  estate: [4.3, 4.7],
  offroad: [4.2, 4.7],
} as const;

const sizes = {
  van: { length: [4.9, 5.9], width: 1.95, roof: [2.1, 2.6], belt: 1.15, wheel: 0.34, slope: 0.5, panes: 3 },
  bus: { length: [9, 11.5], width: 2.5, roof: [2.9, 4.1], belt: 1.2, wheel: 0.48, slope: 0.08, panes: 7 },
  lorry: { length: [6.5, 8.5], width: 2.3, roof: [2.8, 3.4], belt: 1.3, wheel: 0.46, slope: 0.12, panes: 4 },
} as const;

function boxy(random: Random, kind: "van" | "bus" | "lorry"): CarShape {
  const size = sizes[kind];
  const length = within(random, size.length);
  const { belt, wheel } = size;
  const [back, front] = [-length / 2, length / 2];
  const nose = kind === "van" ? front - 0.75 : front - 0.05;
  return {
    length,
    width: size.width,
    profile: [
      [back + 0.05, 0.28],
      [back, 0.5],
      [back + 0.02, belt],
      [nose, belt],
      [front, belt - (kind === "van" ? 0.3 : 0.02)],
      [front, 0.42],
      [front - 0.1, 0.28],
    ],
    cabin: {
      bottom: [back + 0.02, nose],
      top: [back + 0.06, nose - size.slope],
      belt,
      roof: within(random, size.roof),
      narrow: 0.93,
      panes: size.panes,
      glazed:
        kind === "bus" || (kind === "van" && random.chance(0.3)) ? -Infinity : front - (kind === "van" ? 2.2 : 1.7),
      closedBack: kind === "lorry" || (kind === "van" && random.chance(0.5)),
    },
    axles: [back + length * 0.22, front - length * 0.17],
    wheel,
    lampHeight: belt - 0.4,
    livery: liveryOf(random, kind),
  };
}

function liveryOf(random: Random, kind: Kind): Rgb | undefined {
  if (kind === "bus")
    return pick(random, [rgb(170, 40, 40), rgb(50, 90, 150), rgb(190, 180, 160), rgb(60, 120, 90), grey(200)]);
  return random.chance(0.6) ? grey(215) : undefined;
}
