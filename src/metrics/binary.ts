import type { MaskBatch, MaskMetric } from "./metric.ts";

/** Pixels of a picture that are not of class 0. */
interface Foreground {
  readonly both: number;
  readonly truth: number;
  readonly predicted: number;
}

/**
 * Dice coefficient of the foreground, picture by picture, and their mean: fastai's `dice` (fastai-spec §5.9), with its
 * rule that a picture without foreground in truth and prediction has 1. Foreground is every class but 0, so with more
 * than two classes all of them are one (fastai multiplies their ids). Pixels whose truth is void or no class do not
 * count. For classes use `meanDice`.
 */
export const diceBinary: MaskMetric = perPicture(
  "dice",
  ({ both, truth, predicted }) => (2 * both) / (truth + predicted),
);

/** IoU of the foreground, picture by picture, and their mean: fastai's `dice(iou=True)`; all else as `diceBinary`. */
export const iouBinary: MaskMetric = perPicture(
  "iou",
  ({ both, truth, predicted }) => both / (truth + predicted - both),
);

function perPicture(title: string, score: (picture: Foreground) => number): MaskMetric {
  return {
    title,
    better: "higher",
    accumulate: ({ classes, voidIndex }) => {
      const counts = (id: number): boolean => id !== voidIndex && id >= 0 && id < classes;
      let [sum, pictures] = [0, 0];
      return {
        add: (batch) => {
          for (let i = 0; i < batch.n; i++) {
            const picture = foreground(batch, i, counts);
            if (!picture) continue;
            sum += picture.truth + picture.predicted === 0 ? 1 : score(picture);
            pictures++;
          }
        },
        value: () => sum / pictures,
      };
    },
  };
}

/** The foreground of picture i, or undefined where no pixel counts. */
function foreground(
  { predictions, truth: ids, height, width }: MaskBatch,
  i: number,
  counts: (id: number) => boolean,
): Foreground | undefined {
  const pixels = height * width;
  let [both, truth, predicted, all] = [0, 0, 0, 0];
  for (let at = i * pixels; at < (i + 1) * pixels; at++) {
    if (!counts(ids[at]!)) continue;
    const [isTrue, isPredicted] = [ids[at] !== 0, predictions[at] !== 0];
    all++;
    truth += Number(isTrue);
    predicted += Number(isPredicted);
    both += Number(isTrue && isPredicted);
  }
  return all === 0 ? undefined : { both, truth, predicted };
}
