import { cast } from "../graph/ops/elementwise.ts";
import { argMax } from "../graph/ops/reduce.ts";
import { resize } from "../graph/ops/resize.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { IdMask, RgbImage } from "../data/image.ts";
import { prepareImage } from "../data/transform.ts";
import type { SegmentationModel } from "../models/model.ts";
import { evaluation, stateTensors } from "../nn/module.ts";
import { loadState, type StateDict } from "../nn/state.ts";
import { lower, type LoweredProgram } from "../onnx/lower.ts";
import type { LoweringTarget } from "../onnx/target.ts";
import type { Program, Runtime } from "../runtime/runtime.ts";
import type { TensorData } from "../graph/dtype.ts";
import { type ModelCard, modelOf } from "./card.ts";

/** Height and width. */
type Size = readonly [height: number, width: number];

/**
 * A picture `images` float32 [1, 3, h, w] to `predictions`, the class of every pixel as uint8 [1, H, W]: the logits are
 * resized bilinearly to the picture's own size before the best class is taken.
 */
export function predictionProgram(
  model: SegmentationModel,
  size: Size,
  original: Size,
  target: LoweringTarget,
): LoweredProgram {
  const images: Tensor = input("images", [1, 3, ...size]);
  const logits = resize(model.forward(images, evaluation), original, "bilinear-align-corners");
  const outputs = { predictions: cast(argMax(logits, 1), "uint8") };
  return lower({ inputs: { images, ...stateTensors(model) }, outputs }, target);
}

/** Predicts masks with a trained model. It holds memory until it is released. */
export class Predictor {
  readonly card: ModelCard;
  readonly #model: SegmentationModel;
  readonly #state: Record<string, TensorData>;
  readonly #runtime: Runtime;
  readonly #programs = new Map<string, Program>();

  /** @throws ConfigError when the weights are not those of the card's model. */
  constructor(runtime: Runtime, card: ModelCard, state: StateDict) {
    this.card = card;
    this.#runtime = runtime;
    this.#model = modelOf(card);
    const loaded = loadState(this.#model, state);
    this.#state = Object.fromEntries([...loaded].map(([name, { data }]) => [name, data]));
  }

  /** The class of every pixel, at the picture's own size. */
  async predict(image: RgbImage): Promise<IdMask> {
    const { size, stats } = this.card;
    const program = await this.#program(image);
    const { predictions } = await program.run({ ...this.#state, images: prepareImage(image, { size, stats }) });
    return { data: predictions as Uint8Array, height: image.height, width: image.width };
  }

  async release(): Promise<void> {
    for (const program of this.#programs.values()) await program.release();
    this.#programs.clear();
  }

  /** The program for pictures of this size. Pictures of many sizes do not pile up memory: four are kept. */
  async #program({ height, width }: RgbImage): Promise<Program> {
    const key = `${height}×${width}`;
    let program = this.#programs.get(key);
    if (!program) {
      const [oldest] = this.#programs;
      if (oldest && this.#programs.size >= 4) {
        await oldest[1].release();
        this.#programs.delete(oldest[0]);
      }
      const spec = predictionProgram(this.#model, this.card.size, [height, width], this.#runtime.target);
      program = await this.#runtime.load(spec);
      this.#programs.set(key, program);
    }
    return program;
  }
}
