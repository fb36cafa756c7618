import type { Random } from "../../../util/random.ts";
import { randomCar } from "../things/car.ts";
import type { CarSize } from "../things/car-shape.ts";
import { carRoom } from "../things/car-shape.ts";
import { randomCyclist } from "../things/cyclist.ts";
import { randomPerson } from "../things/person.ts";
import { pickWeighted } from "../render/draws.ts";
import type { Plan, SidePlan } from "./plan.ts";
import { facadeLine, inJunction, propertyLine } from "./plan.ts";
import type { Spots } from "./spots.ts";
import type { Thing } from "../render/stage.ts";

/** Cars, cyclists and people on foot. */
export function placeTraffic(random: Random, plan: Plan, spots: Spots): Thing[] {
  // The camera's own car stands where it is.
  spots.take(plan.offset, 0, 2.2, 7);
  const busy = random.uniform();
  return [
    ...parked(random.split("parked"), plan, spots),
    ...cyclists(random.split("cyclists"), plan, spots),
    ...driving(random.split("driving"), plan, spots, busy),
    ...crossing(random.split("crossing"), plan, spots),
    ...people(random.split("people"), plan, spots),
  ];
}

function away(random: Random): number {
  return 0.03 * random.normal();
}

function parked(random: Random, plan: Plan, spots: Spots): Thing[] {
  const things: Thing[] = [];
  for (const side of plan.sides) {
    const fill = side.parking
      ? random.between(0.35, 0.95)
      : side.kind === "terrace" || side.kind === "houses"
        ? 0.06
        : 0;
    const s = side.sign * (side.kerb - (side.parking ? 1 : 0.95));
    const along = side.sign === plan.keep ? 0 : Math.PI;
    for (let z = random.between(3.4, 8); z < Math.min(plan.end - 14, 95); z += random.between(5.3, 6.6)) {
      if (!random.chance(fill) || inJunction(plan, side.sign, z, 3.5) || nearZebra(plan, z, 3)) continue;
      const size = random.chance(0.06) ? "van" : "car";
      if (!spots.take(s, z, carRoom[size].width, carRoom[size].length - 0.3)) continue;
      const turned = random.chance(0.12) ? Math.PI : 0;
      things.push(randomCar(random, s + 0.1 * random.normal(), z, along + turned + away(random), size));
    }
    things.push(...driveways(random, plan, side, spots));
  }
  return things;
}

/** Cars in front of houses, across the street's direction. */
function driveways(random: Random, plan: Plan, side: SidePlan, spots: Spots): Thing[] {
  if (side.kind !== "houses" || side.front < 5.2) return [];
  const things: Thing[] = [];
  for (let z = 10 + random.between(0, 8); z < Math.min(plan.end - 15, 60); z += random.between(9, 20)) {
    if (!random.chance(0.35) || inJunction(plan, side.sign, z, 5)) continue;
    const s = side.sign * (propertyLine(side) + 2.6);
    const heading = (random.chance(0.5) ? 1 : -1) * (Math.PI / 2) + away(random);
    if (spots.take(s, z, 4.8, 2.2)) things.push(randomCar(random, s, z, heading));
  }
  return things;
}

function nearZebra(plan: Plan, z: number, margin: number): boolean {
  return plan.zebra !== undefined && z > plan.zebra - margin && z < plan.zebra + 3.2 + margin;
}

function driving(random: Random, plan: Plan, spots: Spots, busy: number): Thing[] {
  const things: Thing[] = [];
  for (const direction of [1, -1]) {
    for (let lane = 0; lane < plan.lanes; lane++) {
      const s = plan.keep * direction * (lane + 0.5) * plan.laneWidth;
      // Whoever drives ahead of the camera keeps a distance.
      let z = random.between(3, 20) + (Math.abs(s - plan.offset) < 2.2 ? 4 : 0);
      while (z < Math.min(plan.end - 16, 110)) {
        const size = pickWeighted<CarSize>(random, [
          [88, "car"],
          [7, "van"],
          [5, "long"],
        ]);
        const { length, width } = carRoom[size];
        const middle = z + length / 2 + (size === "long" ? 5 : 0);
        z = middle + length / 2 + random.between(2, 8) + 34 * (1 - busy) * random.uniform();
        if (random.chance(0.35) || nearZebra(plan, middle, 2) || !spots.take(s, middle, width, length)) continue;
        const heading = (direction > 0 ? 0 : Math.PI) + away(random);
        things.push(randomCar(random, s + 0.2 * random.normal(), middle, heading, size));
      }
    }
  }
  return things;
}

/** Cars that come out of the side street, or drive along the street that closes this one. */
function crossing(random: Random, plan: Plan, spots: Spots): Thing[] {
  const things: Thing[] = [];
  const { junction } = plan;
  if (junction !== undefined && random.chance(0.4)) {
    const side = junction.left && junction.right ? (random.chance(0.5) ? 1 : -1) : junction.left ? -1 : 1;
    const z = (junction.near + junction.far) / 2 + random.between(-1, 1);
    const s = side * random.between(1, facadeLine(plan.sides[side < 0 ? 0 : 1]) + 5);
    const turn = Math.abs(s) < 5 ? random.between(0.7, 2) : Math.PI / 2;
    if (spots.take(s, z, 5.6, 4)) things.push(randomCar(random, s, z, -side * turn));
  }
  if (!plan.closed) return things;
  for (const [z, heading] of [
    [plan.end - 8.6, 1],
    [plan.end - 5, -1],
  ] as const) {
    for (let s = -30 + random.between(0, 12); s < 34; s += random.between(7, 26)) {
      things.push(randomCar(random, s, z, heading * plan.keep * (Math.PI / 2)));
    }
  }
  return things;
}

function cyclists(random: Random, plan: Plan, spots: Spots): Thing[] {
  const things: Thing[] = [];
  const count = random.chance(0.3) ? 0 : 1 + random.integer(3);
  for (let i = 0; i < count; i++) {
    const z = 5 + 26 * random.uniform() ** 1.5;
    if (z > plan.end - 14) continue;
    const crossing = random.chance(0.22);
    const side = plan.sides[random.chance(0.5) ? 0 : 1];
    const lane =
      side.cycleLane > 0 ? plan.lanes * plan.laneWidth + side.cycleLane / 2 : plan.lanes * plan.laneWidth - 0.7;
    const s = crossing ? random.between(-5, 5) : side.sign * (lane + 0.25 * random.normal());
    if (!spots.take(s, z, crossing ? 2 : 0.9, crossing ? 0.9 : 2)) continue;
    const along = side.sign === plan.keep ? 0 : Math.PI;
    const heading = crossing
      ? (random.chance(0.5) ? 1 : -1) * random.between(0.9, 1.9)
      : along + random.between(-0.7, 0.7) * 0.8;
    things.push(randomCyclist(random, s, z, heading));
  }
  return things;
}

function people(random: Random, plan: Plan, spots: Spots): Thing[] {
  const things: Thing[] = [];
  for (const side of plan.sides) {
    const lively = side.kind === "terrace" ? 7 : side.kind === "blocks" ? 5 : 3;
    const count = Math.round(lively * random.uniform() ** 1.3) + (random.chance(0.5) ? 1 : 0);
    for (let i = 0; i < count; i++) {
      const z = 5 + 34 * random.uniform() ** 1.4;
      const width = side.verge + side.walk;
      const s =
        side.sign *
        (side.kerb +
          (side.walk > 0
            ? side.verge + random.between(0.4, Math.max(0.5, side.walk - 0.65))
            : random.between(-0.4, 0.6)));
      if (z > plan.end - 14 || width < 0) continue;
      things.push(...group(random, s, z, spots, random.chance(0.24)));
    }
  }
  things.push(...pedestriansOnRoad(random, plan, spots));
  return things;
}

/** One or two people who walk together. */
function group(random: Random, s: number, z: number, spots: Spots, two: boolean): Thing[] {
  const side = random.chance(0.62) ? 0 : random.chance(0.5) ? 1 : -1;
  const things: Thing[] = [];
  for (const shift of two ? [0, random.between(0.5, 0.75)] : [0]) {
    const [x, y] = side === 0 ? [s + shift, z + shift * 0.2] : [s + shift * 0.4, z + shift];
    if (spots.take(x, y, 0.45, 0.45)) things.push(randomPerson(random, x, y, side));
  }
  return things;
}

function pedestriansOnRoad(random: Random, plan: Plan, spots: Spots): Thing[] {
  const things: Thing[] = [];
  const zebra = plan.zebra !== undefined && plan.zebra > 4;
  const count = zebra ? random.integer(5) : random.chance(0.18) ? 1 : 0;
  for (let i = 0; i < count; i++) {
    const z = zebra ? plan.zebra + random.between(0.4, 2.8) : random.between(8, 30);
    const half = Math.min(plan.sides[0].kerb, plan.sides[1].kerb);
    const s = random.between(-half, half);
    if (z < plan.end - 14 && spots.take(s, z, 0.5, 0.5))
      things.push(randomPerson(random, s, z, random.chance(0.5) ? 1 : -1));
  }
  return things;
}
