import type { Random } from "../../../util/random.ts";
import { hedgeThing, randomHedge } from "../things/hedge.ts";
import { fenceThing, randomFence } from "../things/fence.ts";
import { pickWeighted } from "../render/draws.ts";
import type { Plan, SidePlan } from "./plan.ts";
import { facadeLine, inJunction, propertyLine } from "./plan.ts";
import type { Spots } from "./spots.ts";
import type { Thing } from "../render/stage.ts";
import type { Season, TreeKind } from "../things/tree.ts";
import { randomSeason, randomTree } from "../things/tree.ts";

/** Trees, bushes, hedges and fences of a street. */
export function growGreenery(random: Random, plan: Plan, spots: Spots): Thing[] {
  const season = randomSeason(random);
  const things: Thing[] = [];
  for (const side of plan.sides) {
    const own = random.split("side", side.sign);
    things.push(...borders(own.split("borders"), plan, side));
    things.push(...streetTrees(own.split("avenue"), plan, side, season, spots));
    things.push(...gardenTrees(own.split("gardens"), plan, side, season, spots));
  }
  return things;
}

/** What runs along the back of the sidewalk, in stretches, and along the kerb. */
function borders(random: Random, plan: Plan, side: SidePlan): Thing[] {
  const things: Thing[] = [];
  const chance = side.kind === "houses" ? 0.8 : side.kind === "park" ? 0.6 : side.front > 1 ? 0.6 : 0;
  // Where there is no sidewalk, posts and people still need a strip beside the road.
  const back = side.sign * (propertyLine(side) + (side.walk > 0 ? 0.15 : 1.2));
  const uniform = random.chance(0.5) ? randomFence(random, false) : undefined;
  let z = -6 + random.between(0, 4);
  const habit = random.chance(chance) ? random.between(0.4, 1) : 0;
  while (habit > 0 && z < Math.min(plan.end - 14, 90)) {
    const length = random.between(5, 15);
    const to = z + length;
    const clear = !blocked(plan, side, z, to);
    if (clear && random.chance(habit)) {
      const hedge = random.chance(side.kind === "houses" ? 0.35 : 0.22) ? randomHedge(random) : undefined;
      const fence = uniform ?? randomFence(random, false);
      for (const [from, until] of pieces(z, to)) {
        things.push(
          hedge === undefined ? fenceThing(fence, [back, from], [back, until]) : hedgeThing(hedge, back, from, until),
        );
      }
    }
    z = to + (side.kind === "park" ? 0.05 : random.between(0.2, 3.2));
  }
  if (random.chance(0.16)) things.push(...kerbRail(random, plan, side));
  return things;
}

/** A stretch in pieces short enough to follow a bend. */
function pieces(from: number, to: number): [number, number][] {
  const count = Math.ceil((to - from) / 4);
  const at = (i: number): number => from + ((to - from) * i) / count;
  return Array.from({ length: count }, (_, i) => [at(i), at(i + 1)]);
}

function kerbRail(random: Random, plan: Plan, side: SidePlan): Thing[] {
  const s = side.sign * (side.kerb + 0.3);
  const fence = randomFence(random, true);
  const from = random.between(-2, 18);
  const things: Thing[] = [];
  for (let z = from; z < from + random.between(12, 45) && z < plan.end - 14; z += 4) {
    if (!blocked(plan, side, z, z + 4)) things.push(fenceThing(fence, [s, z], [s, z + 4]));
  }
  return things;
}

function blocked(plan: Plan, side: SidePlan, from: number, to: number): boolean {
  for (let z = from; z <= to; z += 1) if (inJunction(plan, side.sign, z, side.walk + 1)) return true;
  return false;
}

function streetTrees(random: Random, plan: Plan, side: SidePlan, season: Season, spots: Spots): Thing[] {
  const habit = side.verge > 0 ? 0.7 : side.walk > 2.4 ? 0.4 : 0;
  if (!random.chance(habit)) return [];
  const kind = randomKind(random, false);
  const spacing = random.between(6, 14);
  const s = side.sign * (side.kerb + (side.verge > 0 ? side.verge / 2 : 0.7));
  const things: Thing[] = [];
  const size = random.between(0.55, 1.05);
  for (
    let z = random.between(2, 2 + spacing);
    z < Math.min(plan.end - 13, 110);
    z += spacing * random.between(0.85, 1.2)
  ) {
    if (inJunction(plan, side.sign, z, 3) || random.chance(0.12) || !spots.take(s, z, 0.8, 0.8)) continue;
    things.push(randomTree(random, kind, season, s, z, size * random.between(0.8, 1.15)));
  }
  return things;
}

function gardenTrees(random: Random, plan: Plan, side: SidePlan, season: Season, spots: Spots): Thing[] {
  const park = side.kind === "park";
  const room = park ? 34 : side.front;
  if (room < 2) return [];
  const things: Thing[] = [];
  const density = park ? random.between(0.25, 0.75) : random.between(0.04, 0.3);
  const forest = park && random.chance(0.4);
  const kind = forest ? randomKind(random, false) : undefined;
  for (let z = 2; z < Math.min(plan.end, 130); z += random.between(0.6, 1.6) / density) {
    if (inJunction(plan, side.sign, z, 2.5)) continue;
    const away = random.between(park ? 1.5 : 0.7, room - 0.5);
    const s = side.sign * (propertyLine(side) + away);
    const own = kind ?? randomKind(random, !park);
    if (!spots.take(s, z, 0.7, 0.7)) continue;
    const scale = park ? random.between(0.7, 1.2) : random.between(0.4, 0.85);
    things.push(randomTree(random, own, season, s, z, scale));
  }
  // Behind the houses, in the gaps between them.
  for (let z = 12; side.kind === "houses" && z < plan.end; z += random.between(7, 20)) {
    const s = side.sign * (facadeLine(side) + random.between(10, 22));
    things.push(randomTree(random, randomKind(random, false), season, s, z, random.between(0.7, 1.2)));
  }
  return things;
}

function randomKind(random: Random, garden: boolean): TreeKind {
  return pickWeighted<TreeKind>(random, [
    [60, "round"],
    [12, "column"],
    [14, "conifer"],
    [garden ? 60 : 8, "bush"],
  ]);
}
