import type { Metric } from "../metrics/metric.ts";
import type { Loss } from "../losses/loss.ts";
import type { StateDict } from "../nn/state.ts";
import type { Slice } from "../optim/groups.ts";
import type { Schedule } from "../optim/schedule.ts";
import type { BatchSplit } from "./batch-parts.ts";
import type { Callback } from "./callback.ts";
import type { FitPosition } from "./fit.ts";
import type { Host } from "./host.ts";

/** Settings of a learner. (fastai-spec §5.1.) */
export interface LearnerOptions {
  /** What is minimised; default cross-entropy. */
  readonly loss?: Loss;
  /** What is measured after every epoch; default accuracy without void and mean IoU. */
  readonly metrics?: readonly Metric[];
  /** Weight decay, one number or one for each layer group; default 0.01. */
  readonly wd?: number | readonly number[];
  /** Whether weight decay acts beside the gradient (AdamW), not through it (classic L2); default true, as in fastai. */
  readonly trueWd?: boolean;
  /** Whether biases and batch norms decay too; default true, as in fastai. */
  readonly bnWd?: boolean;
  /** Whether batch norms of frozen layers go on training; default true, as in fastai. */
  readonly trainBn?: boolean;
  /** Seed of the initial weights; default 0. */
  readonly seed?: number;
  /** Weights and buffers to begin with, by their state-dict names; what is left out is drawn at random. */
  readonly weights?: StateDict;
  /** Told of every fit. */
  readonly callbacks?: readonly Callback[];
  /**
   * Told when memory ran out and batches are computed in smaller parts from then on, their gradients gathered into one
   * step; the batch norms of a network then see one part at a time.
   */
  readonly onSplit?: (split: BatchSplit) => void;
  /**
   * Bytes that training may take, of the process or on a GPU of that: where its batches need more, parts of the forward pass
   * are computed again in the backward pass, with the same results; default as many as it needs.
   */
  readonly memory?: number;
  /** Where files are kept; without one, nothing can be saved. */
  readonly host?: Host;
  /** The folder for the learner's files; default the working folder. */
  readonly path?: string;
  /** The folder for weights, below `path`; default "models". */
  readonly modelDir?: string;
}

/** Settings of every fit. (fastai-spec §5.5.) */
export interface FitOptions {
  /** Weight decay, one number or one for each layer group; default the learner's. */
  readonly wd?: number | readonly number[];
  /** Told of this fit, besides the learner's own callbacks. */
  readonly callbacks?: readonly Callback[];
  /** Ends the fit between two batches, by throwing the signal's reason. */
  readonly signal?: AbortSignal;
  /** Continues a fit from where it stood, the weights and the optimizer's state having been put back. */
  readonly from?: FitPosition;
  /** What the schedule's learning rates are multiplied with at first; default 1, or as it was where the fit goes on. */
  readonly lrFactor?: number;
  /** Epochs that the schedule is made for; default those of the fit. */
  readonly totEpochs?: number;
  /** The epoch to begin with, in the schedule too; default 0. The fit ends with the schedule. */
  readonly startEpoch?: number;
}

/** Settings of `fitOneCycle`. (fastai-spec §5.6.) */
export interface OneCycleFitOptions extends FitOptions {
  /** Momentum at the ends and at the peak; default [0.95, 0.85]. */
  readonly moms?: readonly [number, number];
  /** The first rate is the highest divided by it; default 25. */
  readonly divFactor?: number;
  /** Share of the fit before the peak; default 0.3. */
  readonly pctStart?: number;
  /** The last rate is the highest divided by it; default divFactor · 10⁴. */
  readonly finalDiv?: number;
}

/** Settings of `fitFlatCos`. (fastai-spec §5.6.) */
export interface FlatCosFitOptions extends FitOptions {
  /** Momentum of the flat and of the falling part; default [0.95, 0.85]. */
  readonly moms?: readonly [number, number];
  /** Share of the fit before the rate begins to fall; default 0.72. */
  readonly startPct?: number;
}

/** Settings of `fineTune`, besides those of `fitOneCycle`. */
export interface FineTuneOptions extends OneCycleFitOptions {
  /** Epochs that train only the last layer group, before all others; default 1. */
  readonly freezeEpochs?: number;
  /** The first layer group's rate is the last one's divided by it; default 100. */
  readonly lrMult?: number;
}

/** Makes the schedule of a fit, from its batches and from what spreads a rate over the layer groups. */
export type ScheduleFor = (fit: {
  readonly batches: number;
  readonly momentum: number;
  readonly lrRange: (lr: number | Slice) => number[];
}) => Schedule;
