import { ConfigError } from "../../util/errors.ts";
import type { Encoder } from "../encoder.ts";
import { ResNet } from "./resnet.ts";

/** Every encoder segkit brings, by name. */
export const encoders = {
  resnet18: () => new ResNet([2, 2, 2, 2]),
  resnet34: () => new ResNet([3, 4, 6, 3]),
} as const satisfies Record<string, () => Encoder>;

export type EncoderName = keyof typeof encoders;

/** The encoder of a name known only at run time; throws a ConfigError that lists the names there are. */
export function encoderNamed(name: string): Encoder {
  if (Object.hasOwn(encoders, name)) return encoders[name as EncoderName]();
  throw new ConfigError(`encoder: expected a known name, but received "${name}"`, {
    hint: `Known encoders: ${Object.keys(encoders).join(", ")}.`,
  });
}
