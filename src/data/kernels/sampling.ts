import { type Code, addI32, i32, store } from "../../util/wasm.ts";
import { type Local, rowKernel } from "../../util/wasm-kernel.ts";
import { f32x4, i32x4, laneOf, loadByte, loadBytes, pick, storeI32 } from "../../util/wasm-lanes.ts";

/** How a picture stores its channels. */
export type ChannelType = "u8" | "f32";

/** Bytes of one channel of a pixel. */
export const channelBytes = { u8: 1, f32: 4 } as const satisfies Record<ChannelType, number>;

/** Red, green and blue of the pixel at an address, as the first three of four float32. */
const pixelAt: Readonly<Record<ChannelType, (address: Code, offset: number) => Code>> = {
  u8: (address, offset) => f32x4.fromI32(i32x4.fromU16(loadBytes(address, offset))),
  f32: (address, offset) => f32x4.load(address, offset),
};

const lanes = [0, 1, 2, 3] as const;

/**
 * Reads a picture bilinearly at the positions `xs` and `ys` and writes a row of each channel, `bytes` apart, with
 * every channel scaled and shifted. What lies right of and below a position must exist: pictures have a border.
 * `pixels` is the address of the first pixel inside the border, `pitch` how many bytes its rows lie apart.
 */
export function bilinearKernel(type: ChannelType): Uint8Array {
  const parameters = {
    i32: ["xs", "ys", "out", "bytes", "pixels", "pitch"],
    f32: ["redScale", "redShift", "greenScale", "greenShift", "blueScale", "blueShift"],
  } as const;
  const size = 3 * channelBytes[type];
  return rowKernel(parameters, (row, { local, fixed }) => {
    const { add, sub, mul, splat, load, floor } = f32x4;
    const [x, y, left, top, places] = [local("v128"), local("v128"), local("v128"), local("v128"), local("v128")];
    const [above, below, start, mixed] = [local("i32"), local("i32"), local("v128"), local("v128")];
    const four = [local("v128"), local("v128"), local("v128"), local("v128")] as const;
    const mix = (from: Code, to: Code, share: Code) => [
      ...start.set(from),
      ...add(start.get, mul(share, sub(to, start.get))),
    ];
    const mixRow = (address: Code, share: Code) => mix(pixelAt[type](address, 0), pixelAt[type](address, size), share);
    const read = lanes.flatMap((lane) => {
      const share = (of: Local) => pick(of.get, of.get, [lane, lane, lane, lane]);
      return [
        ...above.set(laneOf(places.get, lane)),
        ...below.set(addI32(above.get, row.pitch)),
        ...mixed.set(mixRow(above.get, share(x))),
        ...four[lane].set(add(mixed.get, mul(share(y), sub(mixRow(below.get, share(x)), mixed.get)))),
      ];
    });
    const [p, q, r, s] = four.map((pixel) => pixel.get) as [Code, Code, Code, Code];
    const write = (out: Code, values: Code, scale: Code, shift: Code) =>
      store(row.address(out), add(mul(values, fixed(splat(scale))), fixed(splat(shift))));
    const green = addI32(row.out, row.bytes);
    return [
      ...x.set(load(row.address(row.xs))),
      ...y.set(load(row.address(row.ys))),
      ...left.set(floor(x.get)),
      ...top.set(floor(y.get)),
      ...places.set(pixelPlaces(left.get, top.get, row, size, fixed)),
      ...x.set(sub(x.get, left.get)),
      ...y.set(sub(y.get, top.get)),
      ...read,
      ...mixed.set(pick(p, q, [0, 4, 1, 5])),
      ...start.set(pick(r, s, [0, 4, 1, 5])),
      ...write(row.out, pick(mixed.get, start.get, [0, 1, 4, 5]), row.redScale, row.redShift),
      ...write(green, pick(mixed.get, start.get, [2, 3, 6, 7]), row.greenScale, row.greenShift),
      ...mixed.set(pick(p, q, [2, 6, 2, 6])),
      ...start.set(pick(r, s, [2, 6, 2, 6])),
      ...write(addI32(green, row.bytes), pick(mixed.get, start.get, [0, 1, 4, 5]), row.blueScale, row.blueShift),
    ];
  });
}

/** Reads a mask of one byte a pixel at the nearest pixel, ties to the even one, and writes a row of i32. */
export function nearestKernel(): Uint8Array {
  const parameters = { i32: ["xs", "ys", "out", "bytes", "pixels", "pitch"] } as const;
  return rowKernel(parameters, (row, { local, fixed }) => {
    const [places, out] = [local("v128"), local("i32")];
    const nearest = (positions: Code) => f32x4.nearest(f32x4.load(row.address(positions)));
    return [
      ...places.set(pixelPlaces(nearest(row.xs), nearest(row.ys), row, 1, fixed)),
      ...out.set(row.address(row.out)),
      ...lanes.flatMap((lane) => storeI32(out.get, loadByte(laneOf(places.get, lane)), 4 * lane)),
    ];
  });
}

/** The addresses of four pixels in whole columns and rows, of type f32. */
function pixelPlaces(columns: Code, rows: Code, { pixels, pitch }: Picture, pixelBytes: number, fixed: Fixed): Code {
  const { add, mul, splat, fromF32 } = i32x4;
  const along = fromF32(columns);
  const inRow = pixelBytes === 1 ? along : mul(along, fixed(splat(i32(pixelBytes))));
  return add(add(mul(fromF32(rows), fixed(splat(pitch))), inRow), fixed(splat(pixels)));
}

type Picture = { readonly [N in "pixels" | "pitch"]: Code };
type Fixed = (vector: Code) => Code;
