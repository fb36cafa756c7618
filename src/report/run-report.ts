import type { CalibrationBin } from "../metrics/calibration.ts";
import type { ModelCard } from "../inference/card.ts";
import type { ClassBalance } from "../plots/class-balance.ts";
import type { ClassResult } from "../train/class-table.ts";
import type { PictureScore } from "../train/confusion-sums.ts";
import type { RunRecord } from "../train/run-record.ts";

/** What a report tells of a run. */
export interface RunReport {
  /** The folder's last part. */
  readonly name: string;
  /** The folder as it was named; null of a learner without one. */
  readonly path: string | null;
  /** args.yaml. */
  readonly args: Readonly<Record<string, unknown>>;
  readonly card: ModelCard;
  readonly table: EpochTable;
  /** Null of runs older than run.json. */
  readonly record: ReportedRecord | null;
  readonly examined: Examined;
}

/** What a record tells; a learner does not know all of it. */
export type ReportedRecord = Omit<RunRecord, "started" | "weights"> & Partial<Pick<RunRecord, "started" | "weights">>;

/** results.csv. */
export interface EpochTable {
  /** epoch, train_loss, valid_loss, the metrics, time. */
  readonly columns: readonly string[];
  /** As they are written. */
  readonly rows: readonly (readonly string[])[];
}

/** What looking at the validation pictures with the best weights found. */
export interface Examined {
  readonly loss: number;
  /** Metrics of all pixels together, by their titles. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly pictures: readonly PictureScore[];
  readonly withoutVoid: readonly ClassResult[];
  readonly withVoid: readonly ClassResult[];
  /** Of all pixels, [true][predicted]; NaN without pixels. */
  readonly confusion: readonly (readonly number[])[];
  readonly mostConfused: readonly {
    readonly truth: string;
    readonly predicted: string;
    readonly pixels: number;
    readonly share: number;
  }[];
  readonly calibration: { readonly bins: readonly CalibrationBin[]; readonly error: number };
  readonly balance: Balance;
  readonly shown: readonly ShownPrediction[];
  /** How long predicting the validation pictures took. */
  readonly seconds: number;
}

/** How often each class occurs in the masks. */
export interface Balance {
  readonly classes: readonly ClassBalance[];
  /** Masks that were counted, and those there are. */
  readonly counted: number;
  readonly of: number;
}

/** Where a picture stands among all by its loss. */
export type Rank = "best" | "median" | "worst";

/** A picture with its masks as data URLs, all of one size. */
export interface ShownPrediction extends PictureScore {
  readonly rank: Rank;
  readonly height: number;
  readonly width: number;
  readonly picture: string;
  readonly truth: string;
  readonly prediction: string;
  /** Red where a pixel is predicted wrong, transparent elsewhere. */
  readonly mistakes: string;
}
