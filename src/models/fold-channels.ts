import { type Shape, sizeOf } from "../graph/shape.ts";
import type { StateTensor } from "../nn/state.ts";

/**
 * The weight [out, in, h, w] of a first convolution for pictures of other channels: for one, its channels are summed; for
 * more, they are repeated in turn and scaled, so that the sum over all stays (as timm does). Null where more than the
 * channels differ.
 */
export function foldChannels({ shape, data }: StateTensor, wanted: Shape): StateTensor | null {
  const [out, from, ...kernel] = shape as readonly [number, number, ...number[]];
  const to = wanted[1];
  const fits = shape.length === 4 && wanted.length === 4 && [0, 2, 3].every((axis) => shape[axis] === wanted[axis]);
  if (!fits || to === undefined || from < 1) return null;
  const taps = sizeOf(kernel);
  const result = new Float32Array(out * to * taps);
  for (let k = 0; k < out; k++)
    for (let c = 0; c < Math.max(from, to); c++) {
      // As many steps as the longer of the two has channels: a sum where it is the file's, a repetition otherwise.
      const [source, target] = [(k * from + (c % from)) * taps, (k * to + (c % to)) * taps];
      const scale = to > from ? from / to : 1;
      for (let i = 0; i < taps; i++) result[target + i]! += scale * data[source + i]!;
    }
  return { dtype: "F32", shape: wanted, data: result };
}
