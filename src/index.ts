// Data
export { checkDataset } from "./data/check.node.ts";
export { examineDataset, type ExamineDatasetOptions } from "./data/check/examine-dataset.node.ts";
export type { DataReport } from "./data/check/examine.node.ts";
export type { Finding, Place } from "./data/check/findings.ts";
export { type BadPicture, BadPictures, type BadPicturesOptions } from "./data/bad-pictures.ts";
export { databunch, type DataBunchOptions, type SegmentationData } from "./data/databunch.node.ts";
export { type BatchLoader, type DataBunch, DatasetType } from "./data/databunch.ts";
export { type DataDescription, parseDataDescription } from "./data/data-description.ts";
export type { ConvertMode, Item, Picture, SegmentationDataset } from "./data/dataset.ts";
export { type CocoRle, decodeCocoRle, encodeCocoRle } from "./data/coco-rle.ts";
export { decodeImage, decodeMask } from "./data/decode.node.ts";
export { writeImage, writeMask, writeOverlay } from "./data/encode.node.ts";
export { fillRings } from "./data/fill-rings.ts";
export { openFolder } from "./data/folder.node.ts";
export type { IdMask, RgbImage } from "./data/image.ts";
export { getImageFiles } from "./data/image-files.node.ts";
export { readCodes, SegmentationItemList } from "./data/item-list.node.ts";
export type { BunchOptions, LabelLists, LabelTransformOptions } from "./data/label-lists.node.ts";
export type { MaskOptions } from "./data/mask-options.ts";
export { openMaskRle, rleDecode, rleEncode } from "./data/mask-rle.ts";
export { paletteFor, type Palette } from "./data/palette.ts";
export { type DatasetHash, hashDataset } from "./data/dataset-hash.node.ts";
export { classWeights, countClasses } from "./data/class-frequencies.node.ts";
export type { PictureLimits } from "./data/picture-limits.ts";
export type { PictureOptions } from "./data/read-picture.node.ts";
export { type Region, regionsOf, type Ring } from "./data/regions.ts";
export { readConfig, type Config } from "./data/remote/config.node.ts";
export { extractArchive } from "./data/remote/extract.node.ts";
export { untarData, type UntarOptions } from "./data/remote/untar.node.ts";
export { URLs } from "./data/remote/urls.ts";
export type { LabelOptions, SplitItemLists } from "./data/split-lists.node.ts";
export { drawStreet, streetsClasses } from "./data/streets/streets.ts";
export { writeStreets } from "./data/streets/write.node.ts";
export { applyTransforms, transformImage, transformMask } from "./data/transforms/apply.ts";
export type { FloatImage, IdPlane, TransformedPair } from "./data/transforms/apply.ts";
export {
  brightness,
  contrast,
  crop,
  cropPad,
  cutout,
  dihedral,
  dihedralAffine,
  flipAffine,
  flipHorizontal,
  flipLr,
  jitter,
  pad,
  perspectiveWarp,
  randCrop,
  randPad,
  randResizeCrop,
  randZoom,
  rgbRandomize,
  rotate,
  skew,
  squish,
  symmetricWarp,
  tilt,
  zoom,
  zoomCrop,
} from "./data/transforms/builders.ts";
export { drawTransforms } from "./data/transforms/draw.ts";
export { getTransforms, type TransformOptions, type TransformPair } from "./data/transforms/get-transforms.ts";
export { cifarStats, imagenetStats, mnistStats, type ChannelStats } from "./data/transforms/normalize.ts";
export type { ApplyOptions } from "./data/transforms/plan.ts";
export { ResizeMethod, type SizeLike } from "./data/transforms/sizes.ts";
export type { ResolvedTransform, TransformKind, TransformSpec } from "./data/transforms/table.ts";
export type { PaddingMode } from "./data/transforms/view.ts";
export { Random } from "./util/random.ts";
export { freeMemory } from "./util/free-memory.node.ts";
export { download, type DownloadOptions } from "./util/download.node.ts";
export type { FileCheck } from "./util/file-check.node.ts";

// Models, losses, metrics
export { type EncoderOptions } from "./models/encoder.ts";
export { encoders, encoders as models, type EncoderChoice, type EncoderName } from "./models/encoders/index.ts";
export { ResNet, type ResNetOptions } from "./models/encoders/resnet.ts";
export { pretrainedSources, type PretrainedSource } from "./models/encoders/pretrained.ts";
export { describeWeights, matchWeights, type WeightsReport } from "./models/match-weights.ts";
export { unet, type UnetOptions } from "./models/unet/unet.ts";
export { crossEntropy } from "./losses/cross-entropy.ts";
export { focal } from "./losses/focal.ts";
export { lossNamed, losses, type LossName } from "./losses/index.ts";
export type { Loss } from "./losses/loss.ts";
export { lovaszSoftmax } from "./losses/lovasz-softmax.ts";
export { dice, jaccard, tversky } from "./losses/overlap.ts";
export { parseLoss } from "./losses/parse-loss.ts";
export { sumLoss } from "./losses/sum-loss.ts";
export { weightsFrom } from "./losses/class-weights.ts";
export { ConfusionMatrix } from "./metrics/confusion-matrix.ts";
export { metrics } from "./metrics/index.ts";
export type { ConfusionMetric, LogitsMetric, MaskMetric, Metric } from "./metrics/metric.ts";
export { accCamvid, errorRate, foregroundAcc, pixelAccuracy } from "./metrics/accuracy.ts";
export { cohenKappa, matthews } from "./metrics/agreement.ts";
export { Calibration, type CalibrationBin } from "./metrics/calibration.ts";
export { diceBinary, iouBinary } from "./metrics/binary.ts";
export { boundaryIou } from "./metrics/boundary-iou.ts";
export { perplexity, topKAccuracy } from "./metrics/logits.ts";
export {
  diceOf,
  frequencyWeightedIou,
  iouOf,
  meanDice,
  meanIou,
  meanIouWithVoid,
  perClassDice,
  perClassIou,
} from "./metrics/overlap.ts";
export {
  fBeta,
  perClassFBeta,
  perClassPrecision,
  perClassRecall,
  precision,
  recall,
} from "./metrics/precision-recall.ts";

// Training
export type { Callback, EpochResult, Evaluation, FitState, TrainingStep } from "./train/callback.ts";
export { callbacks, type CallbackName } from "./train/callbacks/index.ts";
export { BnFreeze } from "./train/callbacks/bn-freeze.ts";
export { CsvLogger } from "./train/callbacks/csv-logger.ts";
export { CutMix } from "./train/callbacks/cutmix.ts";
export { EarlyStopping } from "./train/callbacks/early-stopping.ts";
export { GradientAccumulation } from "./train/callbacks/gradient-accumulation.ts";
export { GradientClipping } from "./train/callbacks/gradient-clipping.ts";
export { Mixup } from "./train/callbacks/mixup.ts";
export { ReduceLrOnPlateau } from "./train/callbacks/reduce-lr-on-plateau.ts";
export { SaveModel } from "./train/callbacks/save-model.ts";
export { StopAfterNBatches } from "./train/callbacks/stop-after-n-batches.ts";
export { TensorBoard, type TensorBoardOptions } from "./train/callbacks/tensorboard.ts";
export { TerminateOnNaN } from "./train/callbacks/terminate-on-nan.ts";
export { TimeBudget } from "./train/callbacks/time-budget.ts";
export { WeightAverage } from "./train/callbacks/weight-average.ts";
export { autoBatchSize, type AutoBatch, type AutoBatchOptions } from "./train/auto-batch-size.ts";
export type { BatchSplit } from "./train/batch-parts.ts";
export { type EngineOptions, openEngine } from "./train/engine-thread.node.ts";
export type { Engine } from "./train/engine.ts";
export type { FineTuneOptions, FlatCosFitOptions } from "./train/fit-options.ts";
export { type InterpretOptions, SegmentationInterpretation } from "./train/interpretation.ts";
export { Learner, type FitOptions, type LearnerOptions, type OneCycleFitOptions } from "./train/learner.ts";
export { LrFound, type LrFindOptions } from "./train/lr-find.ts";
export { collectMasks, type PredictionBatch, type PredictionsOptions } from "./train/predictions.ts";
export { Recorder } from "./train/recorder.ts";
export { loadLearner, saveLearner } from "./train/save-learner.node.ts";
export { type PretrainedLearnerOptions, unetLearner, type UnetLearnerOptions } from "./train/unet-learner.node.ts";
export { slice } from "./optim/groups.ts";
export { flatCos, phasedSchedule, type TrainingPhase } from "./optim/phases.ts";
export { annealers, oneCycle, poly, type Schedule } from "./optim/schedule.ts";
export type { Host } from "./train/host.ts";
export { nodeHost } from "./train/host.node.ts";
export { MemoryHost } from "./train/memory-host.ts";
export type { ScheduleFor } from "./train/fit-options.ts";
export type { ValidateOptions } from "./train/evaluate.ts";

// Reports
export { writeReport, type WriteReportOptions } from "./report/learner-report.node.ts";

// Plots
export { lossesPlot } from "./plots/losses.ts";
export { schedulePlot } from "./plots/schedule.ts";
export { metricsPlot } from "./plots/metrics.ts";
export { lrFinderPlot } from "./plots/lr-finder.ts";
export { confusionPlot } from "./plots/confusion.ts";
export { classBarsPlot } from "./plots/class-bars.ts";
export { classBalancePlot } from "./plots/class-balance.ts";
export { calibrationPlot } from "./plots/calibration.ts";
export { runsPlot } from "./plots/runs.ts";
export { svgToPng } from "./plots/png.node.ts";
export { writePlot } from "./plots/write-plot.node.ts";

// Prediction
export type { ModelCard } from "./inference/card.ts";
export {
  type ClassNames,
  type Contents,
  type Prediction,
  type PredictionDocument,
  type PredictionFormat,
  predictionOf,
} from "./inference/formats/format.ts";
export { type PredictionFormatName, predictionFormats } from "./inference/formats/index.node.ts";
export type { InferenceOptimizations } from "./inference/optimize.ts";
export type { MaskPredictor, PredictedMask, PredictOptions } from "./inference/predicted-mask.ts";
export type { PredictorOptions } from "./inference/prediction-programs.ts";
export { Predictor } from "./inference/predictor.ts";
export { openPredictor } from "./inference/predictor-thread.node.ts";
export {
  predictionStream,
  type PredictedPicture,
  type PredictionStreamOptions,
} from "./inference/prediction-stream.ts";
export { withTta, type TtaOptions } from "./inference/tta.ts";
export { loadPretrained, readTensors } from "./inference/pretrained.node.ts";
export { readWeights } from "./inference/weights.node.ts";
export { readPth } from "./nn/pth/read-pth.node.ts";
export { compile } from "./runtime/compile.ts";
export { openRuntime } from "./runtime/ort.node.ts";
export { choicesOf, type FormulaTimes, type MeasureFormulasOptions } from "./runtime/measure-formulas.ts";
export type { FormulaChoices } from "./onnx/target.ts";
export { measureStep } from "./train/step-formulas.ts";

// Export
export { exportHuggingFace, exportOnnx, type ExportOnnxOptions } from "./export/export-onnx.node.ts";
export type { ExportedModel } from "./export/export-model.ts";
export type { ExportOrigin } from "./export/metadata.ts";
export type { ModelSpec } from "./inference/model-spec.ts";
export type { LearnerExportOptions } from "./train/export-learner.ts";

// Errors
export {
  ConfigError,
  CorruptFileError,
  DataError,
  DivergedError,
  GradientError,
  Interrupted,
  OversizeError,
  QualityError,
  ResourceError,
  SegkitError,
  ShapeError,
} from "./util/errors.ts";

// Kept inside on purpose: lowering, runtimes and loaders, whose shape is still free to change. `segkit/graph` and
// `segkit/nn` open the tensor graph and the modules.
