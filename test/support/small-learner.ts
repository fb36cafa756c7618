import type { Batch } from "../../src/data/batch.ts";
import type { BatchLoader, DataBunch } from "../../src/data/databunch.ts";
import { relu } from "../../src/graph/ops/activation.ts";
import { concat } from "../../src/graph/ops/movement.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { Encoder } from "../../src/models/encoder.ts";
import { SegmentationModel } from "../../src/models/model.ts";
import { BatchNorm2d } from "../../src/nn/batch-norm.ts";
import { Conv2d } from "../../src/nn/conv.ts";
import type { ForwardContext, Members } from "../../src/nn/module.ts";
import type { OptimizerOptions } from "../../src/optim/memory.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { LocalEngine } from "../../src/train/engine.ts";
import type { LearnerOptions } from "../../src/train/fit-options.ts";
import { Learner } from "../../src/train/learner.ts";
import { MemoryHost } from "../../src/train/memory-host.ts";
import { Random } from "../../src/util/random.ts";

const [height, width, classes] = [6, 8, 3];

/** Two convolutions, in two layer groups. */
class SmallEncoder extends Encoder {
  readonly inputChannels = 3;
  readonly channels = [6, 6] as const;
  readonly strides = [1, 1] as const;
  readonly secondGroup = "deep";
  readonly published = [];
  readonly shallow = new Conv2d(3, 6, { kernel: 3, padding: 1 });
  readonly norm: BatchNorm2d | null;
  readonly deep = new Conv2d(6, 6, { kernel: 1 });

  constructor(norm: boolean) {
    super();
    this.norm = norm ? new BatchNorm2d(6) : null;
  }

  override members(): Members {
    return { shallow: this.shallow, ...(this.norm && { norm: this.norm }), deep: this.deep };
  }

  override features(x: Tensor, context: ForwardContext): Tensor[] {
    const first = this.shallow.forward(x, context);
    const shallow = relu(this.norm ? this.norm.forward(first, context) : first);
    return [shallow, relu(this.deep.forward(shallow, context))];
  }
}

/** A network of three layer groups that learns something in a few milliseconds, with or without a batch norm. */
export class SmallModel extends SegmentationModel {
  readonly encoder: SmallEncoder;
  readonly classes = classes;
  readonly architecture = {};
  readonly minimumSize = 1;
  readonly head = new Conv2d(12, classes, { kernel: 1 });

  constructor({ norm = false }: { readonly norm?: boolean } = {}) {
    super();
    this.encoder = new SmallEncoder(norm);
  }

  override members(): Members {
    return { encoder: this.encoder, head: this.head };
  }

  override forward(x: Tensor, context: ForwardContext): Tensor {
    return this.head.forward(concat(this.encoder.features(x, context), 1), context);
  }
}

/** Pictures whose classes can be told from their channels, in an order of its own for each epoch. */
export class SmallLoader implements BatchLoader {
  readonly length: number;
  readonly batchSize: number;
  /** The loader's epochs that were asked for. */
  readonly epochs: number[] = [];
  readonly #seed: number;
  readonly #shuffled: boolean;

  constructor(batches: number, batchSize: number, seed: number, shuffled: boolean) {
    [this.length, this.batchSize, this.#seed, this.#shuffled] = [batches, batchSize, seed, shuffled];
  }

  async *batches(
    epoch: number,
    { from = 0, signal }: { from?: number; signal?: AbortSignal } = {},
  ): AsyncGenerator<Batch> {
    this.epochs.push(epoch);
    const pictures = this.length * this.batchSize;
    const order = this.#shuffled
      ? new Random(this.#seed).split("order", epoch).permutation(pictures)
      : Array.from({ length: pictures }, (_, i) => i);
    for (let i = from; i < this.length; i++) {
      signal?.throwIfAborted();
      yield smallBatch(order.slice(i * this.batchSize, (i + 1) * this.batchSize), this.#seed);
    }
  }
}

/** A batch of the pictures with these numbers. */
export function smallBatch(numbers: readonly number[], seed = 1): Batch {
  const n = numbers.length;
  const images = new Float32Array(n * 3 * height * width);
  const masks = new Int32Array(n * height * width);
  for (const [i, number] of numbers.entries()) {
    const random = new Random(seed).split("picture", number);
    for (let pixel = 0; pixel < height * width; pixel++) {
      const id = random.integer(classes);
      masks[i * height * width + pixel] = id;
      for (let c = 0; c < 3; c++)
        images[(i * 3 + c) * height * width + pixel] = (c === id ? 1 : 0) + 0.5 * random.normal();
    }
  }
  return { images, masks, n, height, width, ids: numbers.map(String) };
}

export interface SmallOptions extends LearnerOptions {
  readonly model?: SegmentationModel;
  readonly batches?: number;
  readonly batchSize?: number;
  readonly train?: BatchLoader;
  readonly optimizer?: OptimizerOptions;
  /** What runs the programs; default the native one. */
  readonly runtime?: Runtime;
}

export type SmallData = DataBunch & { readonly train: SmallLoader };

/** A learner on made-up pictures: `batches` batches of `batchSize` pictures, an engine in this thread, files in memory. */
export async function smallLearner(options: SmallOptions = {}): Promise<Learner & { readonly data: SmallData }> {
  const { model = new SmallModel(), batches = 4, batchSize = 2, optimizer, train, runtime, ...rest } = options;
  const data: DataBunch = {
    ...{ classes: ["a", "b", "c"], voidIndex: null, size: [height, width] },
    palette: [0, 1, 2].map((i): [number, number, number] => [i, i, i]),
    stats: { mean: [0, 0, 0], std: [1, 1, 1] },
    train: train ?? new SmallLoader(batches, batchSize, 1, true),
    valid: new SmallLoader(2, 2, 2, false),
    close: async () => {},
  };
  const engine = new LocalEngine(runtime ?? (await openRuntime({ backend: "cpu", threads: 1 })), optimizer);
  const learner = await Learner.create(data, model, engine, { host: new MemoryHost(), ...rest });
  return learner as Learner & { readonly data: SmallData };
}

/** Weights and buffers as plain numbers, to compare them bit for bit. */
export async function numbersOf(learner: Learner): Promise<Record<string, number[]>> {
  return Object.fromEntries([...(await learner.stateDict())].map(([name, { data }]) => [name, [...data]]));
}
