import type { RgbImage } from "../data/image.ts";
import type { StateDict } from "../nn/state.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { ModelCard } from "./card.ts";
import { asked, type MaskPredictor, type PredictedMask, type PredictOptions } from "./predicted-mask.ts";
import { PredictionPrograms, type PredictorOptions } from "./prediction-programs.ts";

/**
 * Predicts masks with a trained model. It holds memory until it is released. Weights are part of its programs: the first
 * prediction makes them, which takes a second or two for a large model.
 * @example
 * const { card, state } = await readWeights("runs/first/weights.safetensors");
 * const predictor = new Predictor(await openRuntime(), card, state);
 * const mask = await predictor.predict(await decodeImage("photo.jpg"));
 */
export class Predictor implements MaskPredictor {
  /** What the weights say of themselves: encoder, classes, size, statistics. */
  readonly card: ModelCard;
  readonly #programs: PredictionPrograms;

  /**
   * A predictor with weights and card of `readWeights`; `tta` sees each picture several times.
   * @throws ConfigError when the weights are not those of the card's model.
   */
  constructor(runtime: Runtime, card: ModelCard, state: StateDict, options: PredictorOptions = {}) {
    this.card = card;
    this.#programs = new PredictionPrograms(runtime, card, state, options);
  }

  /**
   * The class of every pixel, uint8 ids [height, width] at the picture's own size: the logits are resized, then the
   * best class is taken. With `size: "transformed"` it has the network's size, as fastai's; `withProbabilities` adds
   * float32 [classes, height, width]. (fastai-spec §5.12.)
   * @example const { data: ids, height, width } = await predictor.predict(image);
   */
  async predict(image: RgbImage, options: PredictOptions = {}): Promise<PredictedMask> {
    return this.#programs.predict(asked(this.card, image, options));
  }

  /**
   * Gives its memory back.
   * @example await predictor.release();
   */
  async release(): Promise<void> {
    await this.#programs.release();
  }
}
