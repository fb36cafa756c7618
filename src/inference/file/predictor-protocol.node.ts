import type { RgbImage } from "../../data/image.ts";
import type { PixelRowsFile } from "../../data/pixel-rows.node.ts";
import type { ModelSpec } from "../model-spec.ts";
import type { SegmentOptions } from "./file-predictor.ts";
import type { LoadOptions } from "./load-predictor.node.ts";
import type { Segmentation } from "./segmentation.ts";
import type { MaskRows, RowsOptions } from "./windows.ts";

/** What the thread of exported files starts with: their paths or bytes, and where they run. */
export interface FilePredictorSetup {
  readonly sources: readonly (string | Uint8Array)[];
  readonly options: LoadOptions;
}

/** What the thread says when it can predict. */
export interface FilePredictorReady {
  readonly spec: ModelSpec;
}

/** Finished rows of a large picture, without their probabilities. */
export type IdRows = Omit<MaskRows, "probabilities">;

/** What the thread does. */
export interface FilePredictorMethods {
  predict(image: RgbImage, options: SegmentOptions): Promise<Segmentation>;
  /** Begins to predict a picture on the disk; gives a number to ask for its rows with. */
  beginRows(picture: PixelRowsFile, options: RowsOptions): Promise<number>;
  /** The next finished rows; null after the last. */
  nextRows(number: number): Promise<IdRows | null>;
  /** Leaves the rest of the rows. */
  endRows(number: number): Promise<void>;
  release(): Promise<void>;
}
