import { expect, test } from "vitest";
import { buffersIn } from "./transfer.ts";

test("finds every whole block once, however deep", () => {
  const [a, b] = [new Float32Array(4), new Uint8Array(2)];
  const state = { list: [a, { b }], map: new Map([["again", a]]), text: "x", none: null };
  expect([...buffersIn(state)]).toEqual([a.buffer, b.buffer]);
});

test("leaves views of a part and shared memory where they are", () => {
  const part = new Float32Array(8).subarray(2, 4);
  expect(buffersIn([part, new Int32Array(new SharedArrayBuffer(8))]).size).toBe(0);
});
