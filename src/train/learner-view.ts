import type { DataBunch } from "../data/databunch.ts";
import type { RgbImage } from "../data/image.ts";
import { prepareImage } from "../data/transforms/sample.ts";
import { type PredictedMask, predictedMask, type PredictOptions } from "../inference/predicted-mask.ts";
import { predictionProgram } from "../inference/prediction-programs.ts";
import { type TtaOptions, withTta } from "../inference/tta.ts";
import type { Loss } from "../losses/loss.ts";
import type { SegmentationModel } from "../models/model.ts";
import type { LoweredProgram } from "../onnx/lower.ts";
import type { Engine } from "./engine.ts";
import type { Host } from "./host.ts";
import type { Inferring } from "./inferring.ts";
import { type InterpretOptions, SegmentationInterpretation } from "./interpretation.ts";
import { type PredictionBatch, type PredictionsOptions, predictBatches } from "./predictions.ts";
import { showResults, type ShowResultsOptions } from "./show-results.ts";

/** What can be asked of a model with its data: predictions, pictures of them, explanations. None of it trains. */
export abstract class LearnerView implements Inferring {
  abstract readonly data: DataBunch;
  abstract readonly model: SegmentationModel;
  abstract readonly engine: Engine;
  abstract readonly loss: Loss;
  abstract readonly host: Host | undefined;
  abstract program(name: string, make: () => LoweredProgram): Promise<string>;

  /**
   * The class of every pixel of a picture, uint8 ids at the picture's own size: the logits are resized, then the best
   * class is taken. With `size: "transformed"` they have the network's size, as fastai's; `withProbabilities` adds
   * float32 [classes, height, width]. (fastai-spec §5.12.)
   * @example const { data: ids, height, width } = await learner.predict(await decodeImage("photo.jpg"));
   */
  async predict(image: RgbImage, options: PredictOptions & { readonly tta?: TtaOptions } = {}): Promise<PredictedMask> {
    const { withProbabilities: probabilities = false, tta } = options;
    const { size, stats } = this.data;
    const wanted = options.size === "transformed" ? size : ([image.height, image.width] as const);
    const name = `predict ${wanted.join("×")} ${probabilities} ${JSON.stringify(tta ?? null)}`;
    await this.program(name, () => {
      const model = tta ? withTta(this.model, tta) : this.model;
      return predictionProgram(model, size, wanted, this.engine.target, { probabilities });
    });
    return predictedMask(await this.engine.infer(name, { images: prepareImage(image, { size, stats }) }), wanted);
  }

  /**
   * Predicts a list batch by batch: class ids, and probabilities, truth and the loss of each picture where asked for.
   * Only one batch is held at a time; `collectMasks` keeps all class ids. (fastai-spec §5.12.)
   * @throws ConfigError for a list there is none of, and for the losses of pictures without masks.
   * @example
   * for await (const { ids, predictions } of learner.getPreds({ dsType: "test" })) console.log(ids, predictions);
   */
  getPreds(options: PredictionsOptions = {}): AsyncGenerator<PredictionBatch, void, void> {
    return predictBatches(this, options);
  }

  /**
   * Predicts a list with test-time augmentation: mirrored and larger views of each picture, their probabilities brought
   * back to its pixels before they are averaged. The result is as that of `getPreds`. (fastai-spec §5.12.) Errors as
   * `getPreds`.
   * @example const masks = await collectMasks(learner.tta({ dsType: "test", scales: [1, 1.35] }));
   */
  tta(options: TtaOptions & Omit<PredictionsOptions, "tta"> = {}): AsyncGenerator<PredictionBatch, void, void> {
    const { flip, scales, beta, ...rest } = options;
    const given = Object.entries({ flip, scales, beta }).filter(([, value]) => value !== undefined);
    return predictBatches(this, { ...rest, tta: Object.fromEntries(given) });
  }

  /**
   * Predicts a labelled list once, to explain what the model gets wrong: top losses, confusion, scores by class.
   * (fastai-spec §5.13.)
   * @throws ConfigError for pictures without masks.
   * @example const interp = await learner.interpret({ dsType: "valid" });
   */
  interpret(options: InterpretOptions = {}): Promise<SegmentationInterpretation> {
    return SegmentationInterpretation.fromLearner(this, options);
  }

  /**
   * Draws the first pictures of a list under their true and their predicted masks, in fixed colours with a legend;
   * returns the SVG, and writes it to `out` (.png or .svg). (fastai-spec §5.13.) Throws a ConfigError for rows that are
   * none or a file of another extension, a ResourceError when it cannot be written.
   * @example const svg = await learner.showResults({ rows: 4, out: "results.png" });
   */
  showResults(options: ShowResultsOptions = {}): Promise<string> {
    return showResults(this, options);
  }
}
