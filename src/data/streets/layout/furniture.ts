import type { Random } from "../../../util/random.ts";
import { randomClutter } from "../things/clutter.ts";
import type { Plan, SidePlan } from "./plan.ts";
import { inJunction } from "./plan.ts";
import { randomBollard, randomLamp, randomMast, randomSignPost, randomTrafficLight } from "../things/pole.ts";
import type { Spots } from "./spots.ts";
import type { Thing } from "../render/stage.ts";

/** Lamps, masts, signs, traffic lights, bollards, and what has no class. */
export function placeFurniture(random: Random, plan: Plan, spots: Spots): Thing[] {
  const things: Thing[] = [];
  const lit = random.integer(3);
  for (const side of plan.sides) {
    const own = random.split("side", side.sign);
    if (lit === 2 || (lit === 0) === side.sign < 0) things.push(...lamps(own.split("lamps"), plan, side, spots));
    things.push(...signs(own.split("signs"), plan, side, spots));
    things.push(...bollards(own.split("bollards"), plan, side, spots));
    things.push(...clutter(own.split("clutter"), plan, side, spots));
  }
  things.push(...signals(random.split("signals"), plan, spots));
  return things;
}

function kerbside(side: SidePlan, away: number): number {
  return side.sign * (side.kerb + away);
}

function lamps(random: Random, plan: Plan, side: SidePlan, spots: Spots): Thing[] {
  const things: Thing[] = [];
  const wooden = random.chance(0.18);
  const height = random.between(4.5, 8.5);
  const style = random.uniform();
  const spacing = random.between(14, 26);
  const s = kerbside(side, random.chance(0.8) ? 0.5 : side.verge + side.walk - 0.3);
  for (let z = random.between(4, 4 + spacing); z < Math.min(plan.end - 12, 120); z += spacing) {
    if (inJunction(plan, side.sign, z, 1) || !spots.take(s, z, 0.5, 0.5)) continue;
    things.push(wooden ? randomMast(random, s, z) : randomLamp(random, s, z, height, style));
  }
  return things;
}

function signs(random: Random, plan: Plan, side: SidePlan, spots: Spots): Thing[] {
  const things: Thing[] = [];
  const count = 1 + random.integer(3);
  for (let i = 0; i < count; i++) {
    const z = 5 + 38 * random.uniform() ** 1.4;
    const s = kerbside(side, random.between(0.4, 0.9));
    if (z > plan.end - 13 || inJunction(plan, side.sign, z, 0.8) || !spots.take(s, z, 0.8, 0.8)) continue;
    things.push(randomSignPost(random, s, z));
  }
  return things;
}

function bollards(random: Random, plan: Plan, side: SidePlan, spots: Spots): Thing[] {
  if (side.walk === 0 || !random.chance(0.22)) return [];
  const things: Thing[] = [];
  const from = random.between(3, 20);
  const spacing = random.between(1.4, 2.6);
  for (let z = from; z < from + random.between(6, 25); z += spacing) {
    const s = kerbside(side, 0.45);
    if (inJunction(plan, side.sign, z, 0.5) || !spots.take(s, z, 0.4, 0.4)) continue;
    things.push(randomBollard(random.split("one"), s, z));
  }
  return things;
}

function clutter(random: Random, plan: Plan, side: SidePlan, spots: Spots): Thing[] {
  const things: Thing[] = [];
  const count = random.integer(7);
  for (let i = 0; i < count; i++) {
    const z = 4 + 26 * random.uniform() ** 1.3;
    const away = random.chance(0.7)
      ? Math.max(0.4, side.verge + side.walk - 0.5)
      : random.between(0.5, Math.max(0.8, side.walk));
    const s = kerbside(side, away);
    if (z > plan.end - 13 || inJunction(plan, side.sign, z, 1) || !spots.take(s, z, 1, 1.6)) continue;
    things.push(randomClutter(random, s, z));
  }
  return things;
}

function signals(random: Random, plan: Plan, spots: Spots): Thing[] {
  const at = plan.junction === undefined ? plan.zebra : plan.junction.near - 1;
  if (at === undefined || at < 4 || !random.chance(0.45)) return [];
  const things: Thing[] = [];
  for (const side of plan.sides) {
    const s = kerbside(side, 0.5);
    if (spots.take(s, at, 0.6, 0.6)) things.push(randomTrafficLight(random, s, at));
  }
  return things;
}
