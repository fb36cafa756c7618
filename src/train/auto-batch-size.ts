import { crossEntropy } from "../losses/cross-entropy.ts";
import type { Loss } from "../losses/loss.ts";
import type { SegmentationModel } from "../models/model.ts";
import { cpuTarget, type LoweringTarget } from "../onnx/target.ts";
import { trainingMemory } from "./training-memory.ts";

/** What a batch size is chosen by. */
export interface AutoBatchOptions {
  /** Height and width of the pictures. */
  readonly size: readonly [height: number, width: number];
  /** Training pictures. */
  readonly pictures: number;
  /**
   * Bytes that are free: of the computer's memory, or of the GPU's for a target that has a memory of its own. WebGPU tells
   * neither those nor how many there are (its limit `maxBufferSize` is that of a single buffer).
   */
  readonly freeBytes: number;
  /** The share of them that training may take, in (0, 1]; default 0.6. */
  readonly share?: number;
  /** The largest batch; default 16, from which on batch norms gain no more (Chen et al. 2017, arXiv:1706.05587 §4). */
  readonly most?: number;
  /** What is minimised; default cross-entropy. */
  readonly loss?: Loss;
  /** What the programs will run on; default the CPU. */
  readonly target?: LoweringTarget;
}

/** A batch size that was chosen. */
export interface AutoBatch {
  /** Pictures of a batch: a power of two. */
  readonly batchSize: number;
  /** What training takes with it at most, in bytes, as far as can be told before. */
  readonly bytes: number;
  /** What kept the batch from being larger. */
  readonly limit: "memory" | "pictures" | "most";
  /** The choice and its grounds in a sentence. */
  readonly message: string;
}

/** Batches that an epoch has at least, where the memory would allow fewer. */
const leastBatches = 4;

/**
 * The largest batch that training is estimated to have memory for: a power of two that leaves an epoch at least four
 * batches. 1 where not even that fits. Throws a ConfigError for a size below the model's least.
 * @example
 * const model = unet({ encoder: "resnet34", classes: 12 });
 * const { batchSize } = autoBatchSize(model, { size: [360, 480], pictures: 600, freeBytes: freeMemory() });
 */
export function autoBatchSize(model: SegmentationModel, options: AutoBatchOptions): AutoBatch {
  const { size, pictures, freeBytes, share = 0.6, most = 16, loss = crossEntropy(), target = cpuTarget } = options;
  const [height, width] = size;
  const fullEpoch = Math.floor(pictures / leastBatches);
  const sizes = powersOfTwo(Math.max(Math.min(most, fullEpoch), 1)).toReversed();
  const tried: Estimate[] = [];
  for (const batchSize of sizes) {
    const bytes = trainingMemory(model, loss, { n: batchSize, height, width }, target).total;
    tried.push({ batchSize, bytes });
    if (bytes <= share * freeBytes) break;
  }
  const [chosen, larger] = [tried.at(-1)!, tried.at(-2)];
  const short = larger !== undefined || chosen.bytes > share * freeBytes;
  const limit = short ? "memory" : fullEpoch < most ? "pictures" : "most";
  return { ...chosen, limit, message: describe(chosen, larger, { ...options, share, most }, limit) };
}

interface Estimate {
  readonly batchSize: number;
  readonly bytes: number;
}

/** The powers of two from 1 to `most`. */
function powersOfTwo(most: number): number[] {
  return Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, i) => 2 ** i);
}

function describe(
  { batchSize, bytes }: Estimate,
  larger: Estimate | undefined,
  { freeBytes, share, most, pictures }: AutoBatchOptions & { readonly share: number; readonly most: number },
  limit: AutoBatch["limit"],
): string {
  const all = gigabytes(freeBytes);
  const free = share === 1 ? `the ${all} there are for it` : `${Math.round(100 * share)} % of the ${all} that are free`;
  const takes = `batches of ${batchSize}, about ${gigabytes(bytes)} of memory`;
  if (bytes > share * freeBytes) return `${takes}: more than ${free}, but there are no smaller ones`;
  if (larger) return `${takes}: ${larger.batchSize} would take ${gigabytes(larger.bytes)}, more than ${free}`;
  return limit === "pictures"
    ? `${takes}: there are ${pictures} training pictures for ${leastBatches} batches or more`
    : `${takes}: more than ${most} are not chosen`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
