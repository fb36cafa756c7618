import { encodeSpec, type ModelSpec, specKey } from "../inference/model-spec.ts";
import type { ModelProto } from "../onnx/schema.ts";

/** Where an exported model comes from, as far as it is known. */
export interface ExportOrigin {
  /** The run folder's name. */
  readonly run?: string;
  /** The hash of the dataset it was trained on (`hashDataset`). */
  readonly dataset?: string;
  /** Who made it. */
  readonly author?: string;
  /** When it was exported, in ISO 8601. */
  readonly date?: string;
  /** The version of segkit. */
  readonly version?: string;
  /** The architecture in words, such as "U-Net, resnet34". */
  readonly architecture?: string;
}

/**
 * What a file says of itself, four times: in ONNX's own fields; in the keys that Ultralytics writes, whose readers find
 * names and size there; in ONNX's keys for pictures; and whole, as one JSON value, for `loadPredictor`.
 */
export function metadata(spec: ModelSpec, origin: ExportOrigin): Partial<ModelProto> {
  const { names, resize } = spec;
  const what = origin.architecture === undefined ? "" : ` (${origin.architecture})`;
  const description = `Semantic segmentation${what} with ${names.length} classes, trained with segkit`;
  const entries: Record<string, string | undefined> = {
    description,
    author: origin.author,
    date: origin.date,
    version: origin.version,
    task: "semantic",
    names: JSON.stringify(Object.fromEntries(names.entries())),
    imgsz: JSON.stringify(resize.size),
    stride: "1",
    channels: "3",
    "Image.BitmapPixelFormat": "Rgb8",
    "Image.ColorSpaceGamma": "SRGB",
    "Image.NominalPixelRange": spec.input.dtype === "uint8" ? "NominalRange_0_255" : undefined,
    [specKey]: encodeSpec(spec),
  };
  return {
    producerName: "segkit",
    ...(origin.version !== undefined && { producerVersion: origin.version }),
    docString: description,
    metadataProps: Object.entries(entries).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value }])),
  };
}
