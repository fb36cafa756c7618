import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test("a typing error finds its word, another word finds none", () => {
  const known = ["train", "validate", "predict"];
  expect(["tran", "trian", "validat", "predictions", "x", "export", ""].map((word) => nearest(word, known))).toEqual([
    ...["train", "train", "validate", undefined, undefined, undefined, undefined],
  ]);
});
