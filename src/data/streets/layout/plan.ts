import type { Random } from "../../../util/random.ts";
import { pick, pickWeighted } from "../render/draws.ts";

/** What lines a side of the street. */
export type SideKind = "terrace" | "blocks" | "houses" | "park";
export type FrontGround = "grass" | "paved" | "gravel";

/** One side of the street, from the road outwards; distances in metres, all positive. */
export interface SidePlan {
  readonly sign: 1 | -1;
  readonly kind: SideKind;
  /** From the road's middle to the kerb. */
  readonly kerb: number;
  /** Strip of grass between kerb and sidewalk. */
  readonly verge: number;
  /** Width of the sidewalk; 0 where there is none. */
  readonly walk: number;
  /** From the sidewalk to the houses. */
  readonly front: number;
  readonly ground: FrontGround;
  /** Cars stand along the kerb. */
  readonly parking: boolean;
  /** Width of a lane for bicycles beside the outer lane. */
  readonly cycleLane: number;
}

/** A side street, between depths `near` and `far`. */
export interface Junction {
  readonly near: number;
  readonly far: number;
  readonly left: boolean;
  readonly right: boolean;
}

/** The street from above. */
export interface Plan {
  readonly sides: readonly [left: SidePlan, right: SidePlan];
  readonly laneWidth: number;
  /** Lanes in each direction. */
  readonly lanes: number;
  /** 1 where traffic keeps right, −1 where it keeps left. */
  readonly keep: 1 | -1;
  /** Metres to the end of the street. */
  readonly end: number;
  /** The street ends at a cross street with houses behind it. */
  readonly closed: boolean;
  readonly junction: Junction | undefined;
  /** Depth at which a zebra crossing begins. */
  readonly zebra: number | undefined;
  /** Where the camera is, metres right of the road's middle. */
  readonly offset: number;
}

/** Distance from the road's middle to the back of the sidewalk. */
export function propertyLine(side: SidePlan): number {
  return side.kerb + side.verge + side.walk;
}

/** Distance from the road's middle to the houses. */
export function facadeLine(side: SidePlan): number {
  return propertyLine(side) + side.front;
}

/** The edge of the outermost lane, where parked cars or bicycles begin. */
export function laneEdge(plan: Plan): number {
  return plan.lanes * plan.laneWidth;
}

/** Whether depth z lies in the mouth of the side street on that side, widened by `margin`. */
export function inJunction(plan: Plan, sign: number, z: number, margin = 0): boolean {
  const { junction } = plan;
  if (junction === undefined || !(sign < 0 ? junction.left : junction.right)) return false;
  return z > junction.near - margin && z < junction.far + margin;
}

type Town = "centre" | "residential" | "suburb" | "avenue";

export function randomPlan(random: Random): Plan {
  const town = pickWeighted<Town>(random, [
    [34, "centre"],
    [26, "residential"],
    [22, "suburb"],
    [18, "avenue"],
  ]);
  const lanes = town === "centre" || town === "avenue" ? (random.chance(0.25) ? 2 : 1) : random.chance(0.06) ? 2 : 1;
  const laneWidth = random.between(2.6, 3.3);
  const keep = random.chance(0.5) ? 1 : -1;
  const parking = random.between(0, 1);
  const left = randomSide(random, town, -1, lanes * laneWidth, parking);
  const right = randomSide(random, town, 1, lanes * laneWidth, parking);
  const closed = random.chance(0.22);
  const end = closed ? random.between(38, 95) : random.between(95, 190);
  const near = random.between(9, Math.min(48, end - 25));
  const crossed = random.chance(0.42);
  const junction = { near, far: near + random.between(6, 10), ...arms(random) };
  const zebra = random.chance(0.3) ? (crossed ? near - random.between(4.5, 5.5) : random.between(5, 30)) : undefined;
  const lane = lanes === 2 && random.chance(0.5) ? 1.5 : 0.5;
  const drift = random.chance(0.1) ? random.between(-1.5, 1.5) : random.between(-0.4, 0.4);
  return {
    sides: [left, right],
    laneWidth,
    lanes,
    keep,
    end,
    closed,
    junction: crossed ? junction : undefined,
    zebra,
    offset: keep * laneWidth * lane + drift,
  };
}

function arms(random: Random): { left: boolean; right: boolean } {
  const which = random.integer(3);
  return { left: which !== 0, right: which !== 1 };
}

const kinds: Readonly<Record<Town, readonly (readonly [number, SideKind])[]>> = {
  centre: [
    [70, "terrace"],
    [25, "blocks"],
    [5, "park"],
  ],
  residential: [
    [35, "terrace"],
    [50, "houses"],
    [15, "park"],
  ],
  suburb: [
    [55, "houses"],
    [15, "blocks"],
    [30, "park"],
  ],
  avenue: [
    [45, "blocks"],
    [25, "terrace"],
    [30, "park"],
  ],
};

function randomSide(random: Random, town: Town, sign: 1 | -1, edge: number, parkingHabit: number): SidePlan {
  const kind = pickWeighted(random, kinds[town]);
  const cycleLane = random.chance(0.14) ? random.between(1.2, 1.7) : 0;
  const parking = cycleLane === 0 && random.chance(parkingHabit * (town === "avenue" ? 0.5 : 0.7));
  const walks = !random.chance(kind === "park" ? 0.3 : kind === "houses" ? 0.14 : 0.04);
  const green = kind === "houses" || kind === "park";
  return {
    sign,
    kind,
    kerb: edge + cycleLane + (parking ? random.between(1.9, 2.3) : random.between(0.1, 0.7)),
    verge: random.chance(green ? 0.35 : town === "avenue" ? 0.4 : 0.03) ? random.between(1, 2.6) : 0,
    walk: walks ? (town === "centre" ? random.between(2.2, 5.5) : random.between(1.6, 3.8)) : 0,
    front: Math.max(frontDepth(random, kind), walks ? 0 : 1.6),
    ground: green
      ? random.chance(0.86)
        ? "grass"
        : pick(random, ["paved", "gravel"] as const)
      : random.chance(0.75)
        ? "paved"
        : "grass",
    parking,
    cycleLane,
  };
}

function frontDepth(random: Random, kind: SideKind): number {
  if (kind === "terrace") return random.chance(0.6) ? 0 : random.between(0.8, 3);
  if (kind === "blocks") return random.chance(0.3) ? 0 : random.between(1.5, 8);
  if (kind === "houses") return random.between(3, 8);
  return random.between(14, 30);
}
