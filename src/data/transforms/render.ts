import type { RowSampler } from "../kernels/row-sampler.ts";
import { copyLevelsInto, keepsPixels } from "../levels.ts";
import type { Size } from "../image.ts";
import { planResize, resizeImageByNearestInto, resizeImageInto, resizeMaskInto } from "../resample.ts";
import type { Ids, Pixels, ResizePlan } from "../resample.ts";
import { applyToned, finishOf, levelsOf } from "./finish.ts";
import type { Finish } from "./finish.ts";
import { preShrunk, sampleImageInto, sampleMaskInto } from "./grid-sample.ts";
import { channelScale, unitStats } from "./normalize.ts";
import type { ChannelStats } from "./normalize.ts";
import { fillOutside, paintImage, paintMask } from "./paint.ts";
import type { PaddingStep, Plan } from "./plan.ts";
import { outside } from "./view.ts";
import type { View } from "./view.ts";

/** What a thread that renders pictures keeps: the resize plans of the sizes met so far, and SIMD code if it has any. */
export class ResizePlans {
  readonly sampler: RowSampler | null;
  readonly #plans = new Map<string, ResizePlan>();

  /** @param sampler samples by SIMD code; null or left out: plain code does it all. */
  constructor(sampler: RowSampler | null = null) {
    this.sampler = sampler;
  }

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

/** Makes the image of a plan and normalises it: 3 × height × width of `plan.size`, from `out[offset]` on. */
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
  const { view, tone } = plan;
  drawImage(out, offset, source, plan, finishOf(tone, stats, source.white), plans);
  const normalized = channelScale(stats, 1);
  paintImage(out, offset, plan.paints, view, normalized);
  if (!isPadded(view)) return;
  const plane = plan.size.height * plan.size.width;
  for (let c = 0; c < 3; c++) fillOutside(out, offset + c * plane, view, normalized.shift[c]!);
}

/** Makes the mask of a plan: height × width of `plan.size`, from `out[offset]` on. */
export function renderMask(out: Int32Array, offset: number, mask: Ids, plan: Plan, plans: ResizePlans): void {
  const source = plan.paddings.reduce((padded, step) => padMask(padded, step, plan.padClass, plans), mask);
  const { view, flow, paddingMode, padClass } = plan;
  if (flow === null) resizeMaskInto(out, offset, source, plans.get(source, plan.grid), view);
  else if (plans.sampler?.fits(source, 1, view))
    plans.sampler.mask(out, offset, source, { at: flow, view, paddingMode }, padClass);
  else sampleMaskInto(out, offset, source, { flow, view, paddingMode }, padClass);
  paintMask(out, offset, plan.paints, view);
  if (isPadded(view)) fillOutside(out, offset, view, padClass);
}

/** Reads an image as its plan says and finishes its values: in one pass by levels or SIMD code, else in one or two. */
function drawImage(
  out: Float32Array,
  offset: number,
  image: Source,
  { flow, view, grid, paddingMode, mode, size }: Plan,
  finish: Finish,
  plans: ResizePlans,
): void {
  if (flow === null && keepsPixels(image, grid)) {
    copyLevelsInto(out, offset, image, levelsOf(finish), view);
    return;
  }
  const source = flow === null || mode === "nearest" ? image : preShrunk(image, flow);
  const at = mode === "nearest" ? null : (flow ?? plans.get(source, grid).lines);
  if (at !== null && plans.sampler?.fits(source, 3, view)) {
    plans.sampler.image(out, offset, source, { at, view, paddingMode }, finish);
    return;
  }
  if (flow !== null) sampleImageInto(out, offset, source, { flow, view, paddingMode }, mode, finish.scale);
  else {
    const resize = mode === "nearest" ? resizeImageByNearestInto : resizeImageInto;
    resize(out, offset, image, plans.get(image, grid), finish.scale, view);
  }
  applyToned(out, offset, size.height * size.width, finish);
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
