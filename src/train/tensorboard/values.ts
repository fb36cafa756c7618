import { encode } from "fast-png";
import type { DataBunch } from "../../data/databunch.ts";
import type { IdMask, RgbImage } from "../../data/image.ts";
import { encodeMaskPng } from "../../data/mask-png.ts";
import { perClassIou } from "../../metrics/overlap.ts";
import type { EpochResult, FitState } from "../callback.ts";
import type { PredictionBatch } from "../predictions.ts";
import { everyColour, shownPicture } from "../show-pictures.ts";
import type { EncodedImage, LogEvent, TaggedValue } from "./event.ts";

/** Numbers by their tags, without those that are none. */
function scalars(numbers: Readonly<Record<string, number | null>>): TaggedValue[] {
  return Object.entries(numbers).flatMap(([tag, value]) =>
    value === null || Number.isNaN(value) ? [] : [{ tag, simpleValue: value }],
  );
}

/** What is logged of a training step; layer groups one by one where their rates differ. */
export function stepValues({ loss, lr, momentum }: FitState): TaggedValue[] {
  const groups = new Set(lr).size > 1 ? lr.map((rate, i) => [`schedule/lr_group_${i}`, rate]) : [];
  return scalars({
    "loss/train": loss,
    "schedule/lr": lr.at(-1) ?? NaN,
    ...(Object.fromEntries(groups) as Record<string, number>),
    "schedule/momentum": momentum,
  });
}

/** Whether an event has what is logged of a training step, not of an epoch. */
export function isOfStep({ summary }: LogEvent): boolean {
  return summary?.value.some(({ tag }) => tag === "loss/train") ?? false;
}

/** The numbers of an epoch: those of results.csv, and the IoU of every class. */
export function epochValues(
  { trainLoss, validation: { loss, metrics, confusion } }: EpochResult,
  { classes, voidIndex }: DataBunch,
): TaggedValue[] {
  const ious = perClassIou(confusion, voidIndex);
  return [
    ...scalars({ "loss/train_smoothed": trainLoss, "loss/valid": loss }),
    ...scalars(Object.fromEntries(Object.entries(metrics).map(([title, value]) => [`metrics/${title}`, value]))),
    ...scalars(Object.fromEntries(classes.map((name, id) => [`iou/${name}`, ious[id] ?? null]))),
  ];
}

/**
 * The predicted mask of the first picture of a batch, and with `whole` the picture and its true mask: masks in the
 * colours of their classes.
 */
export function pictureValues(batch: PredictionBatch, data: DataBunch, whole: boolean): TaggedValue[] {
  const { id, image, truth, prediction } = shownPicture(batch, 0, data);
  const colours = everyColour(data.palette);
  const mask = (ids: IdMask): EncodedImage => encoded(ids, encodeMaskPng(ids, colours));
  return [
    ...(whole ? [{ tag: `pictures/${id}/picture`, image: encoded(image, pngOf(image)) }] : []),
    ...(whole && truth ? [{ tag: `pictures/${id}/truth`, image: mask(truth) }] : []),
    { tag: `pictures/${id}/prediction`, image: mask(prediction) },
  ];
}

function pngOf({ data, height, width }: RgbImage): Uint8Array {
  return encode({ data, width, height, channels: 3 }, { zlib: { level: 6 } });
}

function encoded(
  { height, width }: { readonly height: number; readonly width: number },
  png: Uint8Array,
): EncodedImage {
  return { height, width, colorspace: 3, encodedImageString: png };
}
