import type { Tensor } from "../graph/tensor.ts";
import { type ForwardContext, Module } from "../nn/module.ts";
import { ConfigError } from "../util/errors.ts";
import type { Encoder, PublishedNames } from "./encoder.ts";

/** A network from pictures to class scores of every pixel. */
export abstract class SegmentationModel extends Module {
  abstract readonly encoder: Encoder;
  /** Number of classes. */
  abstract readonly classes: number;
  /** The options it was built with, the number of classes aside: what a weights file records. */
  abstract readonly architecture: Readonly<Record<string, unknown>>;
  /** The smallest height and width of a picture, in pixels. */
  abstract readonly minimumSize: number;

  /**
   * Pictures [N, C, H, W] to logits [N, classes, H, W], at any height and width of at least `minimumSize`; throws a
   * ConfigError below it.
   */
  abstract forward(x: Tensor, context: ForwardContext): Tensor;

  /** The schemes by which files of whole models name its parameters: its own, and others where there are. */
  get published(): readonly PublishedNames[] {
    return [{ source: "segkit's", rename: (own) => own }];
  }
}

/** Throws a ConfigError when pictures of this size are too small for the model. */
export function requireSize(model: SegmentationModel, [height, width]: readonly [height: number, width: number]): void {
  const { minimumSize } = model;
  if (height < minimumSize || width < minimumSize)
    throw new ConfigError(
      `model: expected pictures of at least ${minimumSize}×${minimumSize} pixels, but received ${height}×${width}`,
      { hint: `Choose a size of at least ${minimumSize}×${minimumSize}; smaller pictures can be enlarged.` },
    );
}
