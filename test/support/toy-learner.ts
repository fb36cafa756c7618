import type { Batch } from "../../src/data/batch.ts";
import type { BatchLoader, DataBunch } from "../../src/data/databunch.ts";
import { distinctColours } from "../../src/data/palette.ts";
import { unitStats } from "../../src/data/transforms/normalize.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { crossEntropy } from "../../src/losses/cross-entropy.ts";
import type { Encoder } from "../../src/models/encoder.ts";
import { SegmentationModel } from "../../src/models/model.ts";
import type { Members } from "../../src/nn/module.ts";
import { openRuntime } from "../../src/runtime/ort.node.ts";
import { LocalEngine } from "../../src/train/engine.ts";
import type { Inferring } from "../../src/train/inferring.ts";
import { MemoryHost } from "../../src/train/memory-host.ts";
import { ProgramCache } from "../../src/train/program-cache.ts";

/** A model without weights: what it says of a picture is given. */
export class ToyModel extends SegmentationModel {
  readonly classes: number;
  readonly architecture = {};
  readonly minimumSize = 1;
  readonly #logits: (x: Tensor) => Tensor;

  constructor(classes: number, logits: (x: Tensor) => Tensor) {
    super();
    this.classes = classes;
    this.#logits = logits;
  }

  get encoder(): Encoder {
    throw new Error("a toy has no encoder");
  }

  override members(): Members {
    return {};
  }

  override forward(x: Tensor): Tensor {
    return this.#logits(x);
  }
}

/** A loader over batches at hand, which keeps count of those it gave. */
export class ToyLoader implements BatchLoader {
  readonly batchSize: number;
  given = 0;
  readonly #batches: readonly Batch[];

  constructor(batches: readonly Batch[]) {
    this.#batches = batches;
    this.batchSize = batches[0]!.n;
  }

  get length(): number {
    return this.#batches.length;
  }

  async *batches(_: number, { from = 0 }: { readonly from?: number } = {}): AsyncGenerator<Batch> {
    for (const batch of this.#batches.slice(from)) {
      this.given++;
      yield { ...batch, images: batch.images.slice(), masks: batch.masks.slice() };
    }
  }
}

/** What predictions are made with, around a toy model. Loss: cross-entropy. */
export async function toyLearner(
  model: SegmentationModel,
  valid: BatchLoader,
  data: Partial<DataBunch> = {},
): Promise<Inferring & { readonly host: MemoryHost }> {
  const engine = new LocalEngine(await openRuntime({ backend: "cpu", threads: 1 }));
  const loss = crossEntropy();
  const programs = new ProgramCache(engine, model, loss);
  const classes = Array.from({ length: model.classes }, (_, i) => `class ${i}`);
  return {
    model,
    engine,
    loss,
    host: new MemoryHost(),
    program: (name, make) => programs.named(name, make),
    data: {
      ...{ classes, voidIndex: null, palette: distinctColours(model.classes), size: [4, 4], stats: unitStats },
      ...{ train: valid, valid, close: async () => {} },
      ...data,
    },
  };
}
