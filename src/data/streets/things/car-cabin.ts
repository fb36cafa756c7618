import type { Point } from "../render/camera.ts";
import type { Paint } from "../render/canvas.ts";
import type { CarStage } from "./car-frame.ts";
import { lacquer, place, seen, turned } from "./car-frame.ts";
import type { CarShape } from "./car-shape.ts";
import { CAR } from "../classes.ts";
import { mixed, scaled } from "../render/colour.ts";
import { flat } from "../render/stage.ts";

/** The cabin with its windows: narrower at the roof than at the belt. */
export function drawCabin(on: CarStage): void {
  const { car, stage } = on;
  const { cabin, width } = car.shape;
  const [b0, b1] = cabin.bottom;
  const [t0, t1] = cabin.top;
  const [low, high] = [cabin.belt, cabin.roof];
  const [a, c] = [(width / 2) * 0.97, (width / 2) * cabin.narrow];
  const roofNormal = turned(car, 0, 1, 0);
  for (const side of [-1, 1]) {
    const normal = turned(car, 0, ((a - c) / (high - low)) * 1, side);
    if (!seen(on, 0, high, side * c, normal)) continue;
    const points = [
      place(car, b0, low, side * a),
      place(car, b1, low, side * a),
      place(car, t1, high, side * c),
      place(car, t0, high, side * c),
    ];
    const slope = (x: number, y: number): [number, number] => [x, (y - low) / (high - low)];
    stage.face(points, CAR, glassPaint(on, normal, sideGlass(car.shape)), [
      slope(b0, low),
      slope(b1, low),
      slope(t1, high),
      slope(t0, high),
    ]);
  }
  for (const [bottom, top, sign] of [
    [b0, t0, -1],
    [b1, t1, 1],
  ] as const) {
    const normal = turned(car, sign * (high - low), sign * (bottom - top), 0);
    if (!seen(on, (bottom + top) / 2, (low + high) / 2, 0, normal)) continue;
    const points = [
      place(car, bottom, low, -a),
      place(car, bottom, low, a),
      place(car, top, high, c),
      place(car, top, high, -c),
    ];
    const glass = cabin.closedBack && sign < 0 ? noGlass : endGlass;
    stage.face(points, CAR, glassPaint(on, normal, glass), endUv);
  }
  if (!seen(on, 0, high, 0, roofNormal)) return;
  const roof = [place(car, t0, high, -c), place(car, t0, high, c), place(car, t1, high, c), place(car, t1, high, -c)];
  stage.face(roof, CAR, flat(lacquer(on, roofNormal)));
}

const endUv: readonly (readonly [number, number])[] = [
  [-1, 0],
  [1, 0],
  [1, 1],
  [-1, 1],
];

const noGlass = (): boolean => false;
const endGlass = (u: number, v: number): boolean => Math.abs(u) < 0.88 && v > 0.08 && v < 0.88;

/** Side windows between the pillars: u metres along the car, v 0–1 up the cabin. */
function sideGlass({ cabin }: CarShape): (u: number, v: number) => boolean {
  const { bottom, top, panes, glazed } = cabin;
  return (u, v) => {
    if (v < 0.08 || v > 0.86 || u < glazed) return false;
    const from = bottom[0] + (top[0] - bottom[0]) * v + 0.1;
    const to = bottom[1] + (top[1] - bottom[1]) * v - 0.1;
    if (u < from || u > to) return false;
    const t = ((u - bottom[0]) / (bottom[1] - bottom[0])) * panes;
    return Math.abs(t - Math.round(t)) > 0.05 || t < 0.5 || t > panes - 0.5;
  };
}

function glassPaint(on: CarStage, normal: Point, isGlass: (u: number, v: number) => boolean): Paint {
  const { stage } = on;
  const body = lacquer(on, normal, 0.6);
  const inside = scaled(stage.light.ambient, 0.035);
  const sky = mixed(stage.light.horizon, stage.light.zenith, 0.4);
  const mirror = 0.1 + 0.35 * Math.max(0, normal[1]);
  return (u, v, _depth, out) => {
    if (!isGlass(u, v)) return out.set(body);
    const share = mirror * (0.5 + v);
    for (let k = 0; k < 3; k++) out[k] = inside[k]! + share * sky[k]!;
  };
}
