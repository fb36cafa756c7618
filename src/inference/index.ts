// What Node and browsers have in common of `segkit/inference`.
export type { LoadedModel } from "./file/loaded-model.ts";
export { FilePredictor, type SegmentOptions } from "./file/file-predictor.ts";
export type { PixelPicture } from "./file/picture.ts";
export type { FoundClass, Segmentation } from "./file/segmentation.ts";
export type { MaskRows, PictureSource, RowsOptions, WindowOptions } from "./file/windows.ts";
export type { ModelSpec } from "./model-spec.ts";
export { readModelSpec } from "./read-spec.ts";
export type { TtaOptions } from "./tta-views.ts";
export type { IdMask, RgbImage } from "../data/image.ts";
export type { ShapedValues } from "../runtime/open-file.ts";
export { overlay } from "../data/overlay.ts";
export { ConfigError, CorruptFileError, DataError, OversizeError, SegkitError, ShapeError } from "../util/errors.ts";
