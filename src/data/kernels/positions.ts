import { type Code, store } from "../../util/wasm.ts";
import { type Making, rowKernel } from "../../util/wasm-kernel.ts";
import { and, f32, f32x4, f64, f64x2, pick, select } from "../../util/wasm-lanes.ts";
import { farAway } from "../transforms/grid-sample.ts";
import type { PaddingMode } from "../transforms/view.ts";

/**
 * Where the pixels of a grid row read the picture, as `flowRow` says it, from −1 to 1: a projective map in float64 of
 * u = column · step − 1, x = (a · u + x0) / (g · u + z0), y = (d · u + y0) / (g · u + z0), rounded to float32.
 */
export function flowKernel(): Uint8Array {
  const parameters = {
    i32: ["columns", "xs", "ys", "bytes"],
    f64: ["step", "a", "x0", "d", "y0", "g", "z0"],
  } as const;
  return rowKernel(parameters, (row, { local, fixed }) => {
    const { add, mul, sub, div, splat } = f64x2;
    const one = fixed(splat(f64(1)));
    const [step, a, x0, d, y0, g, z0] = parameters.f64.map((name) => fixed(splat(row[name]))) as Seven;
    const [columns, u, scale, x, y] = [local("v128"), local("v128"), local("v128"), local("v128"), local("v128")];
    const along = (factor: Code, start: Code) => f64x2.toF32(mul(add(mul(factor, u.get), start), scale.get));
    const move = [
      ...u.set(sub(mul(f64x2.fromI32(columns.get), step), one)),
      ...scale.set(div(one, add(mul(g, u.get), z0))),
    ];
    return [
      ...columns.set(f32x4.load(row.address(row.columns))),
      ...move,
      ...x.set(along(a, x0)),
      ...y.set(along(d, y0)),
      ...columns.set(pick(columns.get, columns.get, [2, 3, 2, 3])),
      ...move,
      ...store(row.address(row.xs), pick(x.get, along(a, x0), [0, 1, 4, 5])),
      ...store(row.address(row.ys), pick(y.get, along(d, y0), [0, 1, 4, 5])),
    ];
  });
}

type Seven = [Code, Code, Code, Code, Code, Code, Code];

/**
 * Positions from −1 to 1 become pixels from 0 to `span`, brought inside as the mode says; with zeros what is outside
 * comes to lie between −1 and span + 1, the border that stands for it. `half` is half the span.
 */
export function pixelsKernel(mode: PaddingMode): Uint8Array {
  const parameters = { i32: ["positions", "bytes"], f32: ["half", "span"] } as const;
  return rowKernel(parameters, ({ address, positions, ...row }, making) => {
    const { add, mul, splat, load, pmin, pmax } = f32x4;
    const { local, fixed } = making;
    const position = local("v128");
    const [one, span, half] = [fixed(splat(f32(1))), fixed(splat(row.span)), fixed(splat(row.half))];
    const [least, most] = mode === "zeros" ? [splat(f32(-1)), add(span, one)] : [splat(f32(0)), span];
    const inside = mode === "reflection" ? reflected(position.get, span, making) : position.get;
    return [
      ...position.set(mul(add(load(address(positions)), one), half)),
      ...store(address(positions), pmin(fixed(most), pmax(fixed(least), inside))),
    ];
  });
}

/** Back and forth between 0 and `span`, as `fold` does it; 0 for what is far away or no number. */
function reflected(position: Code, span: Code, { local, fixed }: Making): Code {
  const { sub, mul, div, splat, floor, abs, less, notEqual } = f32x4;
  const [distance, turns, pairs] = [local("v128"), local("v128"), local("v128")];
  const rest = local("v128");
  return [
    ...distance.set(abs(position)),
    ...turns.set(floor(div(distance.get, span))),
    ...rest.set(sub(distance.get, mul(turns.get, span))),
    ...pairs.set(mul(turns.get, fixed(splat(f32(0.5))))),
    ...and(
      select(sub(span, rest.get), rest.get, notEqual(floor(pairs.get), pairs.get)),
      less(distance.get, fixed(splat(f32(farAway)))),
    ),
  ];
}
