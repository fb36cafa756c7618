import { ConfigError } from "../../util/errors.ts";
import type { Encoder, EncoderOptions } from "../encoder.ts";
import { EfficientNetLite0 } from "./efficientnet-lite.ts";
import { MobileNetV3Large } from "./mobilenet-v3.ts";
import { ResNet } from "./resnet.ts";

/**
 * Every encoder segkit brings, by name: what makes it, for pictures of RGB or of other channels.
 * @example const learner = await unetLearner(data, models.resnet34);
 */
export const encoders = {
  resnet18: (options?: EncoderOptions) => new ResNet([2, 2, 2, 2], options),
  resnet34: (options?: EncoderOptions) => new ResNet([3, 4, 6, 3], options),
  resnet50: (options?: EncoderOptions) => new ResNet([3, 4, 6, 3], { ...options, block: "bottleneck" }),
  resnet101: (options?: EncoderOptions) => new ResNet([3, 4, 23, 3], { ...options, block: "bottleneck" }),
  mobilenetV3Large: (options?: EncoderOptions) => new MobileNetV3Large(options),
  efficientnetLite0: (options?: EncoderOptions) => new EfficientNetLite0(options),
} as const satisfies Record<string, (options?: EncoderOptions) => Encoder>;

/** The name of an encoder in `encoders`. */
export type EncoderName = keyof typeof encoders;

/** What an encoder may be chosen by: its name, or its entry of the table, as `encoders.resnet34`. */
export type EncoderChoice = EncoderName | (typeof encoders)[EncoderName];

/** The name of an encoder of the table. Throws a ConfigError that lists the names there are. */
export function encoderName(choice: EncoderChoice): EncoderName {
  const names = Object.keys(encoders) as EncoderName[];
  const found = names.find((name) => name === choice || encoders[name] === choice);
  if (found !== undefined) return found;
  throw new ConfigError(`encoder: expected a known name, but received ${showChoice(choice)}`, {
    hint: `Known encoders: ${names.join(", ")}.`,
  });
}

/** The encoder of a name known only at run time; throws a ConfigError that lists the names there are. */
export function encoderNamed(name: string, options: EncoderOptions = {}): Encoder {
  return encoders[encoderName(name as EncoderName)](options);
}

function showChoice(choice: unknown): string {
  return typeof choice === "string" ? `"${choice}"` : typeof choice;
}
