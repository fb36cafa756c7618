import type { InferenceSession, Tensor } from "onnxruntime-common";
import { expect, test } from "vitest";
import { nativeOrt } from "./native-ort.node.ts";
import type { OrtModule } from "./ort.ts";
import { uncopiedResults } from "./uncopied-results.node.ts";

/** The native binding with another way to run a session. */
async function bindingThat(run: (fetches: Readonly<Record<string, Tensor | null>>) => unknown): Promise<OrtModule> {
  const ort = await nativeOrt();
  const session = { run: async (_: unknown, fetches: never) => run(fetches), release: async () => {} };
  const InferenceSession = { create: async () => session as unknown as InferenceSession };
  return { Tensor: ort.Tensor, InferenceSession };
}

test("the binding at hand leaves results where its kernels write them", async () => {
  expect(await uncopiedResults(await nativeOrt())).toBeDefined();
});

test("a binding that gives a sequence to JavaScript is not used so", async () => {
  const ort = await bindingThat(({ y }) => {
    y!.data[0] = 2;
    return { y };
  });
  expect(await uncopiedResults(ort)).toBeUndefined();
});

test("nor is one that stops before it has filled the arrays", async () => {
  const ort = await bindingThat(() => {
    throw new Error("Non tensor type is temporarily not supported.");
  });
  expect(await uncopiedResults(ort)).toBeUndefined();
});

test("an error of the run itself is thrown on", async () => {
  const ort = await bindingThat(({ y }) => {
    y!.data[0] = 2;
    throw new Error("sequence");
  });
  const results = await uncopiedResults(ort);
  const session = (message: string): InferenceSession =>
    ({ run: async () => Promise.reject(new Error(message)) }) as unknown as InferenceSession;
  const outputs = { y: { shape: [1], dtype: "float32" } } as const;
  expect(await results!.run(session("sequence"), {}, outputs, {})).toEqual({ y: Float32Array.of(0) });
  await expect(results!.run(session("Failed to allocate memory"), {}, outputs, {})).rejects.toThrow(/allocate/);
});
