import { softmax } from "../graph/ops/activation.ts";
import { add, clip, log, mul } from "../graph/ops/elementwise.ts";
import { gather } from "../graph/ops/gather.ts";
import { resize } from "../graph/ops/resize.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Encoder } from "../models/encoder.ts";
import { SegmentationModel } from "../models/model.ts";
import type { ForwardContext, Members } from "../nn/module.ts";
import { ConfigError } from "../util/errors.ts";

/** What test-time augmentation sees of a picture. */
export interface TtaOptions {
  /** Whether each picture is also seen mirrored, left and right exchanged; default true. */
  readonly flip?: boolean;
  /** Sizes at which a picture is seen, as factors of its own; default 1 and 1.35, fastai's zoom. */
  readonly scales?: readonly number[];
  /** The weight of the picture as it is, the other views sharing the rest evenly; default 0.4, as in fastai. */
  readonly beta?: number;
}

interface View {
  readonly flip: boolean;
  readonly scale: number;
  readonly weight: number;
}

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

function viewsOf({ flip = true, scales = [1, 1.35], beta = 0.4 }: TtaOptions): View[] {
  const bad = scales.find((scale) => !(scale > 0 && scale < Infinity));
  if (bad !== undefined || scales.length === 0)
    throw new ConfigError(`tta: expected scales above 0, but received ${bad ?? "none"}`, {
      hint: "Give factors of the picture's size, such as [1, 1.35].",
    });
  if (!(beta >= 0 && beta <= 1))
    throw new ConfigError(`tta: beta: expected a share from 0 to 1, but received ${beta}`, {
      hint: "It is the weight of the picture as it is; 0.4 is fastai's.",
    });
  const others = [...new Set([1, ...scales])]
    .flatMap((scale) => (flip ? [false, true] : [false]).map((mirror) => ({ flip: mirror, scale })))
    .filter((view) => scales.includes(view.scale) && (view.flip || view.scale !== 1));
  const plain = { flip: false, scale: 1, weight: others.length === 0 ? 1 : beta };
  const views = [plain, ...others.map((view) => ({ ...view, weight: (1 - beta) / others.length }))];
  return views.filter(({ weight }) => weight > 0);
}

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
