import type { ModelSpec, Precision } from "../inference/model-spec.ts";
import { ConfigError } from "../util/errors.ts";
import type { ExportedModel, ExportOptions } from "./export-model.ts";

/** How Transformers.js calls a precision, and what it adds to the name of the file. */
const dtypes = {
  fp32: { dtype: "fp32", suffix: "" },
  fp16: { dtype: "fp16", suffix: "_fp16" },
  int8: { dtype: "q8", suffix: "_quantized" },
} as const satisfies Record<Precision, { dtype: string; suffix: string }>;

/**
 * The files of an exported model as a folder of the Hugging Face Hub, by their paths, for the image-segmentation pipeline of
 * Transformers.js. It calls itself SegFormer, whose input, output and post-processing are a U-Net's too: there is no model
 * type for a network of any kind. Throws a ConfigError for a file that takes or gives anything else.
 */
export function huggingFaceFiles({
  bytes,
  spec,
}: Pick<ExportedModel, "bytes" | "spec">): Record<string, Uint8Array | string> {
  requirePlainEnds({ uint8Input: spec.input.dtype === "uint8", argMax: spec.output.kind === "ids" });
  return {
    "config.json": json(config(spec)),
    "preprocessor_config.json": json(preprocessor(spec)),
    "README.md": card(spec),
    [`onnx/model${dtypes[spec.precision].suffix}.onnx`]: bytes,
  };
}

/** Throws a ConfigError for options that give a file Transformers.js cannot use. */
export function requirePlainEnds({ uint8Input = false, argMax = false }: ExportOptions): void {
  if (uint8Input === false && !argMax) return;
  throw new ConfigError("export: Transformers.js prepares pictures and chooses classes itself", {
    hint: "Leave out --uint8-input and --argmax.",
  });
}

function config({ names, precision }: ModelSpec) {
  return {
    model_type: "segformer",
    architectures: ["SegformerForSemanticSegmentation"],
    num_labels: names.length,
    id2label: Object.fromEntries(names.entries()),
    label2id: Object.fromEntries(names.map((name, id) => [name, id])),
    // Without it, a browser looks for a file of 8 bits.
    "transformers.js_config": { dtype: dtypes[precision].dtype },
  };
}

function preprocessor({ resize: { size }, stats }: ModelSpec) {
  const [height, width] = size;
  return {
    image_processor_type: "SegformerImageProcessor",
    ...{ do_resize: true, size: { height, width }, resample: 2 },
    ...{ do_rescale: true, rescale_factor: 1 / 255 },
    ...{ do_normalize: true, image_mean: stats.mean, image_std: stats.std },
    do_reduce_labels: false,
  };
}

function card({ names, resize: { size }, precision }: ModelSpec): string {
  return `---
library_name: transformers.js
pipeline_tag: image-segmentation
---

A U-Net for semantic segmentation, trained with segkit on pictures of ${size.join("×")} pixels and exported as ${precision}.
It loads as SegFormer, whose input and output it shares.

\`\`\`js
import { pipeline } from "@huggingface/transformers";

const segment = await pipeline("image-segmentation", "OWNER/NAME");
const masks = await segment("picture.jpg");
\`\`\`

Classes: ${names.join(", ")}.
`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
