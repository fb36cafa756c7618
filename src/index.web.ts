// `segkit/web`: training where there is no Node, in a page or a Web Worker.

// Data
export type { BatchLoader, DataBunch } from "./data/databunch.ts";
export type { IdMask, RgbImage } from "./data/image.ts";
export { type LabelledImage, memoryData, type MemoryDataOptions, type MemoryDataset } from "./data/memory-data.ts";
export { overlay } from "./data/overlay.ts";
export { type Palette, paletteFor } from "./data/palette.ts";
export { drawStreet, streetsClasses } from "./data/streets/streets.ts";
export { getTransforms } from "./data/transforms/get-transforms.ts";
export { imagenetStats, type ChannelStats } from "./data/transforms/normalize.ts";
export { Random } from "./util/random.ts";

// Models, losses, metrics
export { encoders, type EncoderName } from "./models/encoders/index.ts";
export { ResNet, type ResNetOptions } from "./models/encoders/resnet.ts";
export { unet, type UnetOptions } from "./models/unet/unet.ts";
export { losses, type LossName } from "./losses/index.ts";
export type { Loss } from "./losses/loss.ts";
export { metrics } from "./metrics/index.ts";
export type { Metric } from "./metrics/metric.ts";

// Training
export { callbacks, type CallbackName } from "./train/callbacks/index.ts";
export { DeviceEngine } from "./train/device-engine.ts";
export { type Engine, LocalEngine } from "./train/engine.ts";
export { Learner, type FitOptions, type LearnerOptions, type OneCycleFitOptions } from "./train/learner.ts";
export { type Checkpoint, type CheckpointParts, decodeCheckpoint, encodeCheckpoint } from "./train/checkpoint.ts";
export type { Callback, EpochResult, Evaluation, FitState } from "./train/callback.ts";
export type { FitPosition } from "./train/fit.ts";
export type { Host } from "./train/host.ts";
export { IndexedDbHost } from "./train/indexed-db-host.web.ts";
export { MemoryHost } from "./train/memory-host.ts";
export { slice, type Slice } from "./optim/groups.ts";
export { openWasm, openWebGpu } from "./runtime/ort.web.ts";

// Errors
export { ConfigError, DataError, SegkitError } from "./util/errors.ts";
