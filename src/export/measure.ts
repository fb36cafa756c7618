import type { Batch } from "../data/batch.ts";
import { ConfusionMatrix } from "../metrics/confusion-matrix.ts";
import { meanIou } from "../metrics/overlap.ts";
import type { Program } from "../runtime/runtime.ts";
import { bestClass } from "./best-class.ts";
import { logitsName, pixelValues } from "./network.ts";
import type { ProgramLoader } from "./program-loader.ts";

/** Labelled pictures, all of one size, normalised. */
export type LabelledPictures = AsyncIterable<Pick<Batch, "images" | "masks" | "n" | "height" | "width">>;

/** Pictures to compare networks on, labelled or not, all of one size, normalised. */
export type ComparedPictures =
  | LabelledPictures
  | Iterable<Pick<Batch, "images" | "n" | "height" | "width"> & { readonly masks?: undefined }>;

/** Several networks on the same pictures. */
export interface Measured<Name extends string> {
  /** Mean IoU without void of each; null where the pictures have no labels. */
  readonly meanIou: Readonly<Record<Name, number>> | null;
  /** The share of pixels to which all of them give the same class. */
  readonly agreement: number;
  /** How many pictures those were. */
  readonly pictures: number;
}

/** Runs networks, ONNX files from `pixel_values` to `logits`, over pictures, measures each and how far they agree. */
export async function measure<Name extends string>(
  networks: Readonly<Record<Name, Uint8Array>>,
  { classes, voidIndex }: { readonly classes: number; readonly voidIndex: number | null },
  pictures: ComparedPictures,
  loader: ProgramLoader,
): Promise<Measured<Name>> {
  const names = Object.keys(networks) as Name[];
  const matrices = new Map(names.map((name) => [name, new ConfusionMatrix(classes, { ignoreIndex: "outside" })]));
  const programs = new Map<Name, Program>();
  let [count, compared, same] = [0, 0, 0];
  let isLabelled = false;
  try {
    for await (const { images, masks, n, height, width } of pictures) {
      const pixels = height * width;
      for (const name of names.filter((each) => !programs.has(each)))
        programs.set(
          name,
          await loader.load({
            model: networks[name],
            inputs: { [pixelValues]: { shape: [1, 3, height, width], dtype: "float32" } },
            outputs: { [logitsName]: { shape: [1, classes, height, width], dtype: "float32" } },
            constants: { files: {}, layout: "blocked" },
          }),
        );
      for (let i = 0; i < n; i++, count++) {
        const found: Uint8Array[] = [];
        for (const [name, program] of programs) {
          const { logits } = await program.run({ [pixelValues]: images.slice(3 * i * pixels, 3 * (i + 1) * pixels) });
          const best = (_: unknown, at: number): number => bestClass(logits as Float32Array, at, classes, pixels);
          const ids = Uint8Array.from({ length: pixels }, best);
          if (masks) matrices.get(name)!.add(ids, masks.slice(i * pixels, (i + 1) * pixels));
          found.push(ids);
        }
        isLabelled ||= masks !== undefined;
        compared += pixels;
        for (const [at, id] of found[0]!.entries()) if (found.every((ids) => ids[at] === id)) same++;
      }
    }
  } finally {
    for (const program of programs.values()) await program.release();
  }
  const scores = [...matrices].map(([name, matrix]) => [name, meanIou.compute(matrix, { voidIndex })] as const);
  const meanIous = isLabelled ? (Object.fromEntries(scores) as Record<Name, number>) : null;
  return { meanIou: meanIous, agreement: same / compared, pictures: count };
}
