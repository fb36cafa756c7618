import type { Size } from "../image.ts";
import { planResize, resizeImageByNearestInto, resizeImageInto, resizeMaskInto } from "../resample.ts";
import type { Ids, Pixels, ResizePlan } from "../resample.ts";
import { sampleImageInto, sampleMaskInto } from "./grid-sample.ts";
import { applyTone, toneCurve } from "./lighting.ts";
import { channelScale, unitStats } from "./normalize.ts";
import type { ChannelStats } from "./normalize.ts";
import { fillOutside, paintImage, paintMask } from "./paint.ts";
import type { PaddingStep, Plan } from "./plan.ts";
import { outside } from "./view.ts";
import type { View } from "./view.ts";

/** Remembers the resize plans of the sizes met so far; one per thread. */
export class ResizePlans {
  readonly #plans = new Map<string, ResizePlan>();

  get(from: Size, { height, width }: Size): ResizePlan {
    const key = `${from.height} ${from.width} ${height} ${width}`;
    let plan = this.#plans.get(key);
    if (plan === undefined) {
      plan = planResize({ height: from.height, width: from.width }, { height, width });
      if (this.#plans.size >= 64) this.#plans.clear();
      this.#plans.set(key, plan);
    }
    return plan;
  }
}

/** An image whose values go from 0 to `white`. */
export interface Source extends Pixels {
  readonly white: number;
}

/**
 * Makes the image of a plan and normalises it: 3 × height × width of `plan.size`, from `out[offset]` on.
 * Without a tone this is one pass over the pixels, with one it is two.
 */
export function renderImage(
  out: Float32Array,
  offset: number,
  image: Source,
  plan: Plan,
  stats: ChannelStats,
  plans: ResizePlans,
): void {
  const resize = plan.mode === "nearest" ? resizeImageByNearestInto : resizeImageInto;
  const source = plan.paddings.reduce((padded, step) => padImage(padded, step, resize, plans), image);
  const { view, flow, tone } = plan;
  const scale = channelScale(tone === null ? stats : unitStats, source.white);
  if (flow === null) resize(out, offset, source, plans.get(source, plan.grid), scale, view);
  else sampleImageInto(out, offset, source, { flow, view, paddingMode: plan.paddingMode }, plan.mode, scale);
  const normalized = channelScale(stats, 1);
  const plane = plan.size.height * plan.size.width;
  if (tone !== null) {
    const curve = toneCurve(tone);
    for (let c = 0; c < 3; c++) {
      const values = out.subarray(offset + c * plane, offset + (c + 1) * plane);
      applyTone(values, curve, normalized.scale[c]!, normalized.shift[c]!);
    }
  }
  paintImage(out, offset, plan.paints, view, normalized);
  if (isPadded(view)) {
    for (let c = 0; c < 3; c++) fillOutside(out, offset + c * plane, view, normalized.shift[c]!);
  }
}

/** Makes the mask of a plan: height × width of `plan.size`, from `out[offset]` on. */
export function renderMask(out: Int32Array, offset: number, mask: Ids, plan: Plan, plans: ResizePlans): void {
  const source = plan.paddings.reduce((padded, step) => padMask(padded, step, plan.padClass, plans), mask);
  const { view, flow, paddingMode, padClass } = plan;
  if (flow === null) resizeMaskInto(out, offset, source, plans.get(source, plan.grid), view);
  else sampleMaskInto(out, offset, source, { flow, view, paddingMode }, padClass);
  paintMask(out, offset, plan.paints, view);
  if (isPadded(view)) fillOutside(out, offset, view, padClass);
}

function isPadded({ rows, columns }: View): boolean {
  return rows.includes(outside) || columns.includes(outside);
}

/** The image resized and padded, to be sampled anew; its values then go to 1. */
function padImage(
  image: Source,
  { resized, view }: PaddingStep,
  resize: typeof resizeImageInto,
  plans: ResizePlans,
): Source {
  const [height, width] = [view.rows.length, view.columns.length];
  const planes = new Float32Array(3 * height * width);
  resize(planes, 0, image, plans.get(image, resized), channelScale(unitStats, image.white), view);
  const data = new Float32Array(planes.length);
  for (let c = 0, from = 0; c < 3; c++) {
    for (let to = c; to < data.length; to += 3, from++) data[to] = planes[from]!;
  }
  return { data, height, width, white: 1 };
}

function padMask(mask: Ids, { resized, view }: PaddingStep, padClass: number, plans: ResizePlans): Ids {
  const [height, width] = [view.rows.length, view.columns.length];
  const ids = new Int32Array(height * width).fill(padClass);
  resizeMaskInto(ids, 0, mask, plans.get(mask, resized), view);
  return { data: ids, height, width };
}
