import type { ModelCard } from "../../src/inference/card.ts";

/** The card of a model of two classes. */
export const plainCard: ModelCard = {
  format: 1,
  architecture: {
    ...{ encoder: "resnet18", channels: 3, blur: false, blurFinal: true, selfAttention: false, yRange: null },
    ...{ lastCross: true, bottle: false, normType: null },
  },
  classes: ["a", "b"],
  voidIndex: null,
  palette: [
    [0, 0, 0],
    [255, 255, 255],
  ],
  size: [32, 32],
  stats: { mean: [0, 0, 0], std: [1, 1, 1] },
};
