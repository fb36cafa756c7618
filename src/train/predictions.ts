import type { Batch } from "../data/batch.ts";
import { type BatchLoader, type DatasetType, loaderOf } from "../data/databunch.ts";
import type { IdMask } from "../data/image.ts";
import { type TtaOptions, withTta } from "../inference/tta.ts";
import { ConfigError } from "../util/errors.ts";
import type { Inferring } from "./inferring.ts";
import { type ActivationName, predictionsProgram } from "./prediction-program.ts";

/** Which pictures are predicted, and what is given of them. (fastai-spec §5.12.) */
export interface PredictionsOptions {
  /** Whose pictures; default "valid". "train" is shuffled and transformed at random, "fix" are the same in order. */
  readonly dsType?: DatasetType;
  /** Pictures of one's own, instead of a list of the learner's data. */
  readonly loader?: BatchLoader;
  /** Whether to give the probabilities of all classes; default false, for they take 4 · classes bytes a pixel. */
  readonly withProbabilities?: boolean;
  /** Whether to give the probability of the predicted class of every pixel, after a softmax; default false. */
  readonly withConfidences?: boolean;
  /** What makes probabilities of logits; default "softmax". "none" gives the logits. */
  readonly activ?: ActivationName;
  /** Whether to give the loss of each picture, which takes labelled pictures; default false. */
  readonly withLoss?: boolean;
  /** Whether to give the pictures themselves; default false. */
  readonly withImages?: boolean;
  /** Only this many batches. */
  readonly nBatch?: number;
  /** Test-time augmentation: each picture is seen several times. Default: once. */
  readonly tta?: TtaOptions;
  /** The batch to begin with; default 0. */
  readonly from?: number;
  /** Ends the predictions between two batches, by throwing the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What a model says of a batch of pictures, which all have one size. */
export interface PredictionBatch {
  /** The ids of the items, in order. */
  readonly ids: readonly string[];
  /** Number of pictures. */
  readonly n: number;
  /** Rows of each picture. */
  readonly height: number;
  /** Columns of each picture. */
  readonly width: number;
  /** The class of every pixel, [n, height, width]. */
  readonly predictions: Uint8Array;
  /** [n, classes, height, width], where asked for. */
  readonly probabilities: Float32Array | null;
  /** The softmax probability of the predicted class, [n, height, width], where asked for. */
  readonly confidences: Float32Array | null;
  /** The true class ids, [n, height, width]; null for pictures without masks. */
  readonly truth: Int32Array | null;
  /** The loss of each picture, [n], where asked for. */
  readonly losses: Float32Array | null;
  /** The pictures as the network sees them, [n, 3, height, width], normalised, where asked for. */
  readonly images: Float32Array | null;
}

/**
 * Predicts pictures batch by batch (fastai's `get_preds`). No more than one batch is held at a time, however many
 * pictures there are; what is kept of it is the caller's choice.
 * @throws ConfigError for a list there is none of, and for the losses of pictures without masks.
 */
export async function* predictBatches(
  learner: Inferring,
  options: PredictionsOptions = {},
): AsyncGenerator<PredictionBatch, void, void> {
  const { nBatch = Infinity, from = 0, signal } = options;
  const loader = options.loader ?? loaderOf(learner.data, options.dsType ?? "valid");
  const last = Math.min(loader.length, from + nBatch);
  if (from >= last) return;
  let batch = from;
  for await (const each of loader.batches(0, { from, ...(signal ? { signal } : {}) })) {
    yield await predictBatch(learner, each, options);
    if (++batch >= last) return;
  }
}

/**
 * Class ids of all pictures that a stream of predictions gives, with the true ones where there are masks.
 * @example const masks = await collectMasks(learner.getPreds({ dsType: "valid" }));
 */
export async function collectMasks(
  batches: AsyncIterable<PredictionBatch>,
): Promise<{ id: string; prediction: IdMask; truth: IdMask | null }[]> {
  const all = [];
  for await (const batch of batches)
    for (const [i, id] of batch.ids.entries())
      all.push({
        id,
        prediction: maskOf(batch, batch.predictions, i),
        truth: batch.truth && maskOf(batch, batch.truth, i),
      });
  return all;
}

/** One picture's mask of a batch's; ids that do not fit a byte become 255. */
export function maskOf(
  { height, width }: Pick<PredictionBatch, "height" | "width">,
  ids: Uint8Array | Int32Array,
  i: number,
): IdMask {
  const own = ids.subarray(i * height * width, (i + 1) * height * width);
  const data = own instanceof Uint8Array ? own.slice() : Uint8Array.from(own, (id) => (id < 0 || id > 255 ? 255 : id));
  return { height, width, data };
}

async function predictBatch(learner: Inferring, batch: Batch, options: PredictionsOptions): Promise<PredictionBatch> {
  const { withProbabilities = false, activ = "softmax", withLoss = false, withImages = false, tta } = options;
  const { withConfidences: confidence = false } = options;
  const { ids, n, height, width } = batch;
  const truth = truthOf(batch);
  if (withLoss && truth === null)
    throw new ConfigError(`getPreds: "${ids[0]}" has no mask, so there is no loss of it`, {
      hint: "Leave withLoss out, or predict labelled pictures.",
    });
  const images = withImages ? batch.images.slice() : null;
  const wanted = { activation: withProbabilities ? activ : null, loss: withLoss ? learner.loss : null, confidence };
  const shape = `${n}×${height}×${width}`;
  const name = ["predictions", shape, wanted.activation, withLoss, confidence, JSON.stringify(tta ?? null)];
  const program = await learner.program(name.join(" "), () => {
    const model = tta ? withTta(learner.model, tta) : learner.model;
    return predictionsProgram(model, { n, height, width }, wanted, learner.engine.target);
  });
  const feeds = { images: batch.images, ...(withLoss ? { masks: batch.masks } : {}) };
  const outputs = await learner.engine.infer(program, feeds);
  return {
    ...{ ids, n, height, width, truth, images },
    predictions: outputs.predictions as Uint8Array,
    probabilities: (outputs.probabilities as Float32Array | undefined) ?? null,
    confidences: (outputs.confidences as Float32Array | undefined) ?? null,
    losses: (outputs.losses as Float32Array | undefined) ?? null,
  };
}

/** A copy of the true class ids, since the engine takes the batch's arrays away; null for unlabelled pictures. */
function truthOf({ masks, labelled = true }: Batch): Int32Array | null {
  return labelled ? masks.slice() : null;
}
