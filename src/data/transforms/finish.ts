import type { ChannelScale } from "../resample.ts";
import { applyTone, exactTone, toneCurve } from "./lighting.ts";
import type { Tone } from "./lighting.ts";
import { channelScale, unitStats } from "./normalize.ts";
import type { ChannelStats } from "./normalize.ts";

/** What becomes of the values that are read from a picture. */
export interface Finish {
  /** To normalised values, or to values from 0 to 1 where a tone follows. */
  readonly scale: ChannelScale;
  /** A tone, and how its values are normalised. */
  readonly toned: { readonly tone: Tone; readonly scale: ChannelScale } | null;
}

/** Lighting, if there is any, and normalisation of values from 0 to `white`. */
export function finishOf(tone: Tone | null, stats: ChannelStats, white: number): Finish {
  if (tone === null) return { scale: channelScale(stats, white), toned: null };
  return { scale: channelScale(unitStats, white), toned: { tone, scale: channelScale(stats, 1) } };
}

/** Applies the tone to planes, `plane` values each from `out[offset]` on, that were scaled already. */
export function applyToned(out: Float32Array, offset: number, plane: number, { toned }: Finish): void {
  if (toned === null) return;
  const curve = toneCurve(toned.tone);
  const { scale, shift } = toned.scale;
  for (let c = 0; c < 3; c++) {
    applyTone(out.subarray(offset + c * plane, offset + (c + 1) * plane), curve, scale[c]!, shift[c]!);
  }
}

/** What each of the 256 values of 8-bit channels becomes: 3 × 256 numbers. */
export function levelsOf({ scale: { scale, shift }, toned }: Finish): Float32Array {
  const tone = toned && exactTone(toned.tone);
  return Float32Array.from({ length: 768 }, (_, i) => {
    const c = i >> 8;
    const value = (i & 255) * scale[c]! + shift[c]!;
    return tone === null ? value : tone(value) * toned!.scale.scale[c]! + toned!.scale.shift[c]!;
  });
}
