// Data
export { checkDataset } from "./data/check.node.ts";
export { databunch, type DataBunchOptions } from "./data/databunch.node.ts";
export type { BatchLoader, DataBunch } from "./data/databunch.ts";
export type { Item, SegmentationDataset } from "./data/dataset.ts";
export { decodeImage, decodeMask } from "./data/decode.node.ts";
export { writeImage, writeMask, writeOverlay } from "./data/encode.node.ts";
export { openFolder } from "./data/folder.node.ts";
export type { IdMask, RgbImage } from "./data/image.ts";
export { readCodes, SegmentationItemList } from "./data/item-list.node.ts";
export { paletteFor, type Palette } from "./data/palette.ts";
export { drawStreet, streetsClasses } from "./data/streets/streets.ts";
export { writeStreets } from "./data/streets/write.node.ts";
export { flipHorizontal, imagenetStats, type TransformSpec } from "./data/transform.ts";

// Models, losses, metrics
export { encoders, type EncoderName } from "./models/encoders/index.ts";
export { unet, type UnetOptions } from "./models/unet/unet.ts";
export { crossEntropy } from "./losses/cross-entropy.ts";
export { losses } from "./losses/index.ts";
export type { Loss } from "./losses/loss.ts";
export { ConfusionMatrix } from "./metrics/confusion-matrix.ts";
export { metrics } from "./metrics/index.ts";
export type { Metric } from "./metrics/metric.ts";
export { accCamvid, pixelAccuracy } from "./metrics/accuracy.ts";
export { meanIou, perClassIou } from "./metrics/overlap.ts";

// Training
export type { Callback, EpochResult, Evaluation, FitState } from "./train/callback.ts";
export { type EngineOptions, openEngine } from "./train/engine-thread.node.ts";
export type { Engine } from "./train/engine.ts";
export { Learner, type FitOptions, type LearnerOptions, type OneCycleFitOptions } from "./train/learner.ts";
export { loadLearner, saveLearner } from "./train/save-learner.node.ts";
export { unetLearner, type UnetLearnerOptions } from "./train/unet-learner.node.ts";
export { slice } from "./optim/groups.ts";

// Prediction
export type { ModelCard } from "./inference/card.ts";
export { Predictor } from "./inference/predictor.ts";
export { readWeights } from "./inference/weights.node.ts";
export { compile } from "./runtime/compile.ts";
export { openRuntime } from "./runtime/ort.node.ts";

// Errors
export {
  ConfigError,
  CorruptFileError,
  DataError,
  DivergedError,
  GradientError,
  Interrupted,
  QualityError,
  ResourceError,
  SegkitError,
  ShapeError,
} from "./util/errors.ts";

// Kept inside on purpose: lowering, runtimes and loaders, whose shape is still free to change. `segkit/graph` and
// `segkit/nn` open the tensor graph and the modules.
