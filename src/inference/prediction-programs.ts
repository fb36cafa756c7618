import { softmax } from "../graph/ops/activation.ts";
import { cast } from "../graph/ops/elementwise.ts";
import { argMax } from "../graph/ops/reduce.ts";
import { resize } from "../graph/ops/resize.ts";
import { sameShape } from "../graph/shape.ts";
import { input, type Tensor } from "../graph/tensor.ts";
import type { SegmentationModel } from "../models/model.ts";
import { evaluation, stateTensors } from "../nn/module.ts";
import { loadState, type StateDict } from "../nn/state.ts";
import { lower, type LoweredProgram, type ProgramGraph } from "../onnx/lower.ts";
import type { LoweringTarget } from "../onnx/target.ts";
import type { Program, Runtime } from "../runtime/runtime.ts";
import { type ModelCard, modelOf } from "./card.ts";
import { type InferenceOptimizations, optimized } from "./optimize.ts";
import { type MaskSize, type PixelsAsked, type PredictedMask, predictedMask } from "./predicted-mask.ts";
import { type TtaOptions, withTta } from "./tta.ts";

/** What predicting may do beside the plain way. */
export interface PredictorOptions {
  /** Test-time augmentation: each picture is seen several times. Default: once. */
  readonly tta?: TtaOptions;
  /** What is done to the network's graph to make it fast; by default all there is. */
  readonly optimizations?: InferenceOptimizations;
}

/** What a program of prediction gives. */
interface Answers {
  /** Whether `probabilities`, float32 [1, classes, H, W], come with it; default false. */
  readonly probabilities?: boolean;
}

/**
 * A picture `images` float32 [1, 3, h, w] to `predictions`, the class of every pixel as uint8 [1, H, W], and with
 * `probabilities` also float32 [1, classes, H, W]: the logits are resized bilinearly to the wanted size before softmax
 * and the choice of the best class. The weights are inputs, as they are while a model trains.
 */
export function predictionProgram(
  model: SegmentationModel,
  size: MaskSize,
  wanted: MaskSize,
  target: LoweringTarget,
  answers: Answers = {},
): LoweredProgram {
  const images = input("images", [1, 3, ...size]);
  const outputs = answersOf(model.forward(images, evaluation), wanted, answers);
  return lower({ inputs: { images, ...stateTensors(model) }, outputs }, target);
}

function answersOf(logits: Tensor, wanted: MaskSize, { probabilities = false }: Answers): Record<string, Tensor> {
  const resized = resize(logits, wanted, "bilinear-align-corners");
  const predictions = cast(argMax(resized, 1), "uint8");
  return probabilities ? { predictions, probabilities: softmax(resized, 1) } : { predictions };
}

/** Small programs that are kept, so that pictures of many sizes do not pile up memory. */
const mostKept = 4;

/**
 * The programs that predict with a model whose weights do not change any more. The network is one program, at the size
 * of its card, and holds the weights: it ends with the class of every pixel where that size is wanted, and with the logits
 * where another one is; a small program for each size resizes those.
 */
export class PredictionPrograms {
  readonly #runtime: Runtime;
  readonly #size: MaskSize;
  readonly #model: SegmentationModel;
  readonly #state: StateDict;
  readonly #optimizations: InferenceOptimizations;
  readonly #networks = new Map<string, Promise<Program>>();
  readonly #resizers = new Map<string, Promise<Program>>();

  /** @throws ConfigError when the weights are not those of the card's model. */
  constructor(runtime: Runtime, card: ModelCard, state: StateDict, { tta, optimizations = {} }: PredictorOptions = {}) {
    this.#runtime = runtime;
    this.#size = card.size;
    const model = modelOf(card);
    this.#model = tta ? withTta(model, tta) : model;
    this.#state = loadState(model, state);
    this.#optimizations = runtime.takesConstants ? optimizations : { constantWeights: false };
  }

  /** The mask of a picture. */
  async predict({ pixels, wanted, probabilities }: PixelsAsked): Promise<PredictedMask> {
    if (sameShape(wanted, this.#size) && !probabilities) {
      const program = await this.#network("predictions", (logits) => answersOf(logits, wanted, {}));
      return predictedMask(await program.run(this.#feeds(pixels)), wanted);
    }
    const network = await this.#network("logits", (logits) => ({ logits }));
    const resizer = await this.#resizer(wanted, probabilities);
    const { logits } = await network.run(this.#feeds(pixels));
    return predictedMask(await resizer.run({ logits: logits! }), wanted);
  }

  async release(): Promise<void> {
    const programs = [...this.#networks.values(), ...this.#resizers.values()];
    this.#networks.clear();
    this.#resizers.clear();
    // One that did not load has told its caller so.
    for (const program of programs) await program.then((loaded) => loaded.release()).catch(() => {});
  }

  #feeds(pixels: Float32Array) {
    const constant = this.#optimizations.constantWeights ?? true;
    const weights = constant ? [] : [...this.#state].map(([name, { data }]) => [name, data] as const);
    return { ...Object.fromEntries(weights), images: pixels };
  }

  #network(name: string, outputsOf: (logits: Tensor) => Record<string, Tensor>): Promise<Program> {
    return kept(this.#networks, name, () => {
      const images = input("images", [1, 3, ...this.#size]);
      const graph = { inputs: { images }, outputs: outputsOf(this.#model.forward(images, evaluation)) };
      return this.#load(optimized(graph, this.#model, this.#state, this.#optimizations));
    });
  }

  async #resizer(wanted: MaskSize, probabilities: boolean): Promise<Program> {
    const name = `${wanted.join("×")} ${probabilities}`;
    const [oldest] = this.#resizers;
    if (oldest && !this.#resizers.has(name) && this.#resizers.size >= mostKept) {
      this.#resizers.delete(oldest[0]);
      await (await oldest[1]).release();
    }
    return kept(this.#resizers, name, () => {
      const logits = input("logits", [1, this.#model.classes, ...this.#size]);
      return this.#load({ inputs: { logits }, outputs: answersOf(logits, wanted, { probabilities }) });
    });
  }

  async #load(graph: ProgramGraph): Promise<Program> {
    return this.#runtime.load(lower(graph, this.#runtime.target));
  }
}

/** The program of a name, made once; one that did not load is forgotten. */
function kept(programs: Map<string, Promise<Program>>, name: string, make: () => Promise<Program>): Promise<Program> {
  const known = programs.get(name);
  if (known) return known;
  const program = make();
  programs.set(name, program);
  program.catch(() => programs.delete(name));
  return program;
}
