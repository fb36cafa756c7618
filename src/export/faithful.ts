import { QualityError } from "../util/errors.ts";
import type { Measured } from "./measure.ts";

/** How much quantisation may cost. */
export interface QuantisationLimits {
  /** The least share of pixels that keep their class; default 0.9. */
  readonly minAgreement?: number;
  /** The most mean IoU that may be lost, where there are labels; default 0.02. */
  readonly maxIouLoss?: number;
}

const others = "Calibrate on more pictures of the kind it is for, or export fp16; to accept it, set";

/** Throws a QualityError for a quantised network that is further from the one it was made of than the limits allow. */
export function requireFaithful(
  { meanIou, agreement, pictures }: Measured<"fp32" | "int8">,
  { minAgreement = 0.9, maxIouLoss = 0.02 }: QuantisationLimits = {},
): void {
  const on = `on ${pictures} ${pictures === 1 ? "picture" : "pictures"}`;
  // Written so that NaN is never enough.
  if (!(agreement >= minAgreement))
    throw new QualityError(
      `export: int8 gives ${(100 * agreement).toFixed(2)} % of the pixels the class that fp32 gives them, ${on}, below ${100 * minAgreement} %`,
      { hint: `${others} --min-agreement (minAgreement) lower.` },
    );
  if (!meanIou) return;
  const { fp32, int8 } = meanIou;
  if (!(fp32 - int8 <= maxIouLoss))
    throw new QualityError(
      `export: int8 loses ${(fp32 - int8).toFixed(4)} of mean IoU (${fp32.toFixed(4)} to ${int8.toFixed(4)}) ${on}, more than ${maxIouLoss}`,
      { hint: `${others} --max-iou-loss (maxIouLoss) higher.` },
    );
}
