// What all participants compute: the same network from the same weights on the same batch.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ParseArgsConfig } from "node:util";
import { unet } from "../src/models/unet/unet.ts";
import { ResNet, type ResNetDepths } from "../src/models/encoders/resnet.ts";
import type { EncoderName } from "../src/models/encoders/index.ts";
import type { SegmentationModel } from "../src/models/model.ts";
import { encodeSafetensors } from "../src/nn/safetensors.ts";
import { initialState, type StateDict } from "../src/nn/state.ts";
import { Random } from "../src/util/random.ts";

/** A network and the shape of its batches. */
export interface Problem {
  readonly encoder: EncoderName;
  readonly batch: number;
  /** Height and width. */
  readonly size: readonly [height: number, width: number];
  readonly classes: number;
  /** Channels of the ResNet's stem; its published 64 where left out. */
  readonly width?: number;
}

/** The options of every program that computes a problem. */
export const problemOptions = {
  batch: { type: "string", default: "4" },
  size: { type: "string", default: "192x256" },
  encoder: { type: "string", default: "resnet34" },
  classes: { type: "string", default: "12" },
  width: { type: "string" },
} as const satisfies ParseArgsConfig["options"];

type ProblemValues = Readonly<Record<Exclude<keyof typeof problemOptions, "width">, string>> & {
  readonly width?: string | undefined;
};

/** What a problem is where its options say nothing. */
export const problemDefaults: ProblemValues = {
  batch: problemOptions.batch.default,
  size: problemOptions.size.default,
  encoder: problemOptions.encoder.default,
  classes: problemOptions.classes.default,
};

export function problemOf({ batch, size, encoder, classes, width: stem }: ProblemValues): Problem {
  const [height, width] = size.split("x").map(Number);
  if (![batch, classes, height, width, stem ?? 1].every((text) => Number.isInteger(Number(text)) && Number(text) > 0))
    throw new Error(`bench: expected --batch N --size HxW --classes N, but received ${batch}, ${size} and ${classes}`);
  return {
    ...{ encoder: encoder as EncoderName, batch: Number(batch), classes: Number(classes) },
    size: [height!, width!],
    ...(stem !== undefined && { width: Number(stem) }),
  };
}

/** The problem as options. */
export function problemArgs({ encoder, batch, size, classes, width }: Problem): string[] {
  const shape = ["--batch", `${batch}`, "--size", size.join("x"), "--encoder", encoder, "--classes", `${classes}`];
  return width === undefined ? shape : [...shape, "--width", `${width}`];
}

const depths: Partial<Record<EncoderName, ResNetDepths>> = { resnet18: [2, 2, 2, 2], resnet34: [3, 4, 6, 3] };

export function modelOf({ encoder, classes, width }: Problem): SegmentationModel {
  if (width === undefined) return unet({ encoder, classes });
  const depth = depths[encoder];
  if (!depth) throw new Error(`bench: --width is for ${Object.keys(depths).join(" and ")}, not for ${encoder}`);
  return unet({ encoder: new ResNet(depth, { width }), classes });
}

/** Initial weights and buffers, the same in every process. */
export function weightsOf(model: SegmentationModel): StateDict {
  return initialState(model, new Random(1).split("weights"));
}

/** Images float32 [n, 3, h, w] and masks int32 [n, h, w], the same in every process. */
export function batchOf({ batch, size, classes }: Problem): { images: Float32Array; masks: Int32Array } {
  const random = new Random(1).split("batch");
  const pixels = batch * size[0] * size[1];
  const images = Float32Array.from({ length: 3 * pixels }, () => random.normal());
  return { images, masks: Int32Array.from({ length: pixels }, () => random.integer(classes)) };
}

/** Writes weights.safetensors, images.bin and masks.bin for programs that cannot draw them. */
export function writeProblem(folder: string, problem: Problem): void {
  mkdirSync(folder, { recursive: true });
  const { images, masks } = batchOf(problem);
  writeFileSync(join(folder, "images.bin"), new Uint8Array(images.buffer));
  writeFileSync(join(folder, "masks.bin"), new Uint8Array(masks.buffer));
  const weights = encodeSafetensors(weightsOf(modelOf(problem)));
  writeFileSync(join(folder, "weights.safetensors"), Buffer.concat(weights));
}
