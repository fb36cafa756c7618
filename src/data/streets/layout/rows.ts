import type { Random } from "../../../util/random.ts";
import type { Place } from "../render/board.ts";
import type { Building } from "../things/building.ts";
import { buildingThing, randomBuilding } from "../things/building.ts";
import type { FacadeKind } from "../things/facade.ts";
import { Skyline } from "../render/light.ts";
import type { Plan, SidePlan } from "./plan.ts";
import { facadeLine, inJunction } from "./plan.ts";
import type { Thing } from "../render/stage.ts";

/** Houses behind the camera throw shadows too. */
const behind = -36;

/** The houses of a street and what they are against the sun. */
export interface Rows {
  readonly things: Thing[];
  readonly skylines: Skyline[];
}

export function buildRows(random: Random, plan: Plan): Rows {
  const things: Thing[] = [];
  const skylines: Skyline[] = [];
  for (const side of plan.sides) {
    const at = side.sign * facadeLine(side);
    const skyline = new Skyline(at, behind, Math.ceil(plan.end));
    for (const building of sideRow(random.split("side", side.sign), plan, side)) {
      skyline.raise(building.a[1], building.b[1], building.height + building.rise * 0.5);
      if (building.b[1] > 0.7) things.push(buildingThing(building));
    }
    skylines.push(skyline);
  }
  if (plan.closed) for (const building of crossRow(random.split("end"), plan)) things.push(buildingThing(building));
  return { things, skylines };
}

const facadeOf: Readonly<Record<SidePlan["kind"], FacadeKind>> = {
  terrace: "terrace",
  blocks: "block",
  houses: "house",
  park: "house",
};

function sideRow(random: Random, plan: Plan, side: SidePlan): Building[] {
  const row: Building[] = [];
  const kind = facadeOf[side.kind];
  const s = side.sign * facadeLine(side);
  const last = plan.closed ? plan.end - 13.5 : plan.end;
  let z = behind + random.between(0, 8);
  while (z < last - 4) {
    const length = lengthOf(random, side.kind);
    const from = z;
    const to = Math.min(z + length, last);
    z = to + gapOf(random, side.kind);
    const margin = side.walk + 0.5;
    if (spansJunction(plan, side.sign, from, to, margin)) {
      z = Math.max(z, plan.junction!.far + margin);
      const before = plan.junction!.near - margin;
      if (before - from > 4) row.push(randomBuilding(random, kind, [s, from], [s, before], [side.sign, 0]));
      continue;
    }
    if (side.kind === "park" && random.chance(0.75)) continue;
    const setback = kind === "house" ? random.between(0, 1.5) : 0;
    const front = s + side.sign * setback;
    row.push(randomBuilding(random, kind, [front, from], [front, to], [side.sign, 0]));
  }
  return row;
}

function spansJunction(plan: Plan, sign: number, from: number, to: number, margin: number): boolean {
  const { junction } = plan;
  if (junction === undefined || !inJunction(plan, sign, (junction.near + junction.far) / 2)) return false;
  return from < junction.far + margin && to > junction.near - margin;
}

function lengthOf(random: Random, kind: SidePlan["kind"]): number {
  if (kind === "terrace") return random.between(5, 13);
  if (kind === "blocks") return random.between(12, 30);
  return random.between(8, 14);
}

function gapOf(random: Random, kind: SidePlan["kind"]): number {
  if (kind === "terrace") return random.chance(0.93) ? 0 : random.between(2, 5);
  if (kind === "blocks") return random.chance(0.5) ? 0 : random.between(2, 9);
  return random.between(2.5, 8);
}

/** The houses across the end of a closed street, facing the camera. */
function crossRow(random: Random, plan: Plan): Building[] {
  const row: Building[] = [];
  const kind = facadeOf[plan.sides[random.integer(2)]!.kind];
  const shift = plan.end * 0.9;
  let s = -shift;
  while (s < shift) {
    const length = lengthOf(random, kind === "terrace" ? "terrace" : kind === "block" ? "blocks" : "houses");
    const [a, b]: [Place, Place] = [
      [s, plan.end],
      [s + length, plan.end],
    ];
    row.push(randomBuilding(random, kind, a, b, [0, 1]));
    s += length + (kind === "house" ? random.between(2, 6) : 0);
  }
  return row;
}
