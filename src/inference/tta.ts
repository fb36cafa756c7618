import { softmax } from "../graph/ops/activation.ts";
import { add, clip, log, mul } from "../graph/ops/elementwise.ts";
import { gather } from "../graph/ops/gather.ts";
import { resize } from "../graph/ops/resize.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Encoder } from "../models/encoder.ts";
import { SegmentationModel } from "../models/model.ts";
import type { ForwardContext, Members } from "../nn/module.ts";
import { type TtaOptions, type View, viewsOf } from "./tta-views.ts";

export type { TtaOptions } from "./tta-views.ts";

/** Probabilities are kept from 0, whose logarithm is none. */
const least = 1e-12;

/**
 * A model that sees each picture several times, mirrored and at several sizes, and averages what it thinks of each
 * pixel (test-time augmentation, fastai's `TTA`). Every view's logits are brought back to the picture's own pixels
 * before their softmax is averaged: fastai averages them where they lie, which is of no use for masks. The result are
 * the averages' logarithms, whose softmax they are, so it can be measured and trained on like any model's; its weights
 * are the model's own. By default, about 6 times the work and 4 times the memory of a plain run.
 * @throws ConfigError for scales that are none or not above 0, and for a beta outside [0, 1].
 * @see fastai-spec §5.12
 * @example const model = withTta(unet({ encoder: "resnet34", classes: 12 }), { scales: [1, 1.35] });
 */
export function withTta(model: SegmentationModel, options: TtaOptions = {}): SegmentationModel {
  return new Augmented(model, viewsOf(options));
}

class Augmented extends SegmentationModel {
  readonly #model: SegmentationModel;
  readonly #views: readonly View[];

  constructor(model: SegmentationModel, views: readonly View[]) {
    super();
    this.#model = model;
    this.#views = views;
  }

  get encoder(): Encoder {
    return this.#model.encoder;
  }

  get classes(): number {
    return this.#model.classes;
  }

  get architecture(): Readonly<Record<string, unknown>> {
    return this.#model.architecture;
  }

  get minimumSize(): number {
    return Math.ceil(this.#model.minimumSize / Math.min(...this.#views.map(({ scale }) => scale)));
  }

  override members(): Members {
    return this.#model.members();
  }

  override forward(x: Tensor, context: ForwardContext): Tensor {
    const [height, width] = [x.shape[2]!, x.shape[3]!];
    const average = this.#views
      .map(({ flip, scale, weight }) => {
        const seen = resize(flip ? mirrored(x) : x, [scaled(height, scale), scaled(width, scale)], mode);
        const logits = resize(this.#model.forward(seen, context), [height, width], mode);
        return mul(softmax(flip ? mirrored(logits) : logits, 1), weight);
      })
      .reduce(add);
    return log(clip(average, least, 1));
  }
}

/** Corners stay on corners, as wherever pictures and masks are resized. */
const mode = "bilinear-align-corners";

function scaled(length: number, scale: number): number {
  return Math.max(Math.round(length * scale), 1);
}

/** Left and right exchanged, NCHW. */
function mirrored(x: Tensor): Tensor {
  const width = x.shape[3]!;
  return gather(
    x,
    Int32Array.from({ length: width }, (_, i) => width - 1 - i),
    3,
  );
}
