import type { Reader } from "../reader.ts";
import { tar, tgz } from "./archives.ts";
import { mask, runs } from "./masks.ts";
import { onnx } from "./onnx.ts";
import { gif, jpeg, png, tiff, webp } from "./pictures.ts";
import { codes, events, results, tables, yaml } from "./texts.ts";
import { checkpoints, manifests, pth, weights } from "./weights.ts";

/** Everything that reads files of others. */
export const readers = {
  ...{ png, jpeg, webp, tiff, gif, mask, runs },
  ...{ codes, yaml, tables, results, events },
  ...{ pth, weights, checkpoints, manifests, onnx, tar, tgz },
} satisfies Record<string, Reader>;

export type ReaderName = keyof typeof readers;
