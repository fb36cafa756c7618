import { softmax } from "../graph/ops/activation.ts";
import { cast } from "../graph/ops/elementwise.ts";
import { argMax } from "../graph/ops/reduce.ts";
import { resize } from "../graph/ops/resize.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { IdMask, RgbImage } from "../data/image.ts";
import { prepareImage } from "../data/transforms/sample.ts";
import type { SegmentationModel } from "../models/model.ts";
import { evaluation, stateTensors } from "../nn/module.ts";
import { loadState, type StateDict } from "../nn/state.ts";
import { lower, type LoweredProgram } from "../onnx/lower.ts";
import type { LoweringTarget } from "../onnx/target.ts";
import type { Program, Runtime } from "../runtime/runtime.ts";
import type { TensorData } from "../graph/dtype.ts";
import { type ModelCard, modelOf } from "./card.ts";
import { type TtaOptions, withTta } from "./tta.ts";

/** Height and width. */
type Size = readonly [height: number, width: number];

/** What `predict` gives. */
export interface PredictOptions {
  /** "original" (default): the picture's own size; "transformed": the size the network sees it at, as in fastai. */
  readonly size?: "original" | "transformed";
  /** Whether the probabilities of all classes come with it; default false. */
  readonly withProbabilities?: boolean;
}

/** A predicted mask. */
export interface PredictedMask extends IdMask {
  /** Softmax over the classes, [classes, height, width], where asked for. */
  readonly probabilities?: Float32Array;
}

/**
 * A picture `images` float32 [1, 3, h, w] to `predictions`, the class of every pixel as uint8 [1, H, W], and with
 * `probabilities` also float32 [1, classes, H, W]: the logits are resized bilinearly to the wanted size before softmax
 * and the choice of the best class.
 */
export function predictionProgram(
  model: SegmentationModel,
  size: Size,
  wanted: Size,
  target: LoweringTarget,
  { probabilities = false }: { readonly probabilities?: boolean } = {},
): LoweredProgram {
  const images: Tensor = input("images", [1, 3, ...size]);
  const logits = resize(model.forward(images, evaluation), wanted, "bilinear-align-corners");
  const outputs = {
    predictions: cast(argMax(logits, 1), "uint8"),
    ...(probabilities ? { probabilities: softmax(logits, 1) } : {}),
  };
  return lower({ inputs: { images, ...stateTensors(model) }, outputs }, target);
}

/** What a run of a prediction program gave, as a mask. */
export function predictedMask(outputs: Readonly<Record<string, TensorData>>, [height, width]: Size): PredictedMask {
  const { predictions, probabilities } = outputs;
  const mask = { data: predictions as Uint8Array, height, width };
  return probabilities ? { ...mask, probabilities: probabilities as Float32Array } : mask;
}

export interface PredictorOptions {
  /** Test-time augmentation: each picture is seen several times. Default: once. */
  readonly tta?: TtaOptions;
}

/**
 * Predicts masks with a trained model. It holds memory until it is released.
 * @example
 * const { card, state } = await readWeights("runs/first/weights.safetensors");
 * const predictor = new Predictor(await openRuntime(), card, state);
 * const mask = await predictor.predict(await decodeImage("photo.jpg"));
 */
export class Predictor {
  /** What the weights say of themselves: encoder, classes, size, statistics. */
  readonly card: ModelCard;
  readonly #model: SegmentationModel;
  readonly #state: Record<string, TensorData>;
  readonly #runtime: Runtime;
  readonly #programs = new Map<string, Program>();

  /**
   * A predictor with weights and card of `readWeights`; `tta` sees each picture several times.
   * @throws ConfigError when the weights are not those of the card's model.
   */
  constructor(runtime: Runtime, card: ModelCard, state: StateDict, { tta }: PredictorOptions = {}) {
    this.card = card;
    this.#runtime = runtime;
    const model = modelOf(card);
    this.#model = tta ? withTta(model, tta) : model;
    const loaded = loadState(model, state);
    this.#state = Object.fromEntries([...loaded].map(([name, { data }]) => [name, data]));
  }

  /**
   * The class of every pixel, uint8 ids [height, width] at the picture's own size: the logits are resized, then the
   * best class is taken. With `size: "transformed"` it has the network's size, as fastai's; `withProbabilities` adds
   * float32 [classes, height, width]. (fastai-spec §5.12.)
   * @example const { data: ids, height, width } = await predictor.predict(image);
   */
  async predict(image: RgbImage, options: PredictOptions = {}): Promise<PredictedMask> {
    const { size, stats } = this.card;
    const wanted: Size = options.size === "transformed" ? size : [image.height, image.width];
    const program = await this.#program(wanted, options.withProbabilities ?? false);
    const outputs = await program.run({ ...this.#state, images: prepareImage(image, { size, stats }) });
    return predictedMask(outputs, wanted);
  }

  /**
   * Gives its memory back.
   * @example await predictor.release();
   */
  async release(): Promise<void> {
    for (const program of this.#programs.values()) await program.release();
    this.#programs.clear();
  }

  /** The program for masks of this size. Pictures of many sizes do not pile up memory: four are kept. */
  async #program(wanted: Size, probabilities: boolean): Promise<Program> {
    const key = `${wanted.join("×")} ${probabilities}`;
    let program = this.#programs.get(key);
    if (!program) {
      const [oldest] = this.#programs;
      if (oldest && this.#programs.size >= 4) {
        await oldest[1].release();
        this.#programs.delete(oldest[0]);
      }
      const { target } = this.#runtime;
      program = await this.#runtime.load(
        predictionProgram(this.#model, this.card.size, wanted, target, { probabilities }),
      );
      this.#programs.set(key, program);
    }
    return program;
  }
}
