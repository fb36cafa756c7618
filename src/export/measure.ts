import type { Batch } from "../data/batch.ts";
import { ConfusionMatrix } from "../metrics/confusion-matrix.ts";
import { meanIou } from "../metrics/overlap.ts";
import type { Program } from "../runtime/runtime.ts";
import { bestClass } from "./best-class.ts";
import { logitsName, pixelValues } from "./network.ts";
import type { ProgramLoader } from "./program-loader.ts";

/** Labelled pictures, all of one size, normalised. */
export type LabelledPictures = AsyncIterable<Pick<Batch, "images" | "masks" | "n" | "height" | "width">>;

/** Mean IoU without void of several networks on the same pictures, and how many those were. */
export interface Measured<Name extends string> {
  readonly meanIou: Readonly<Record<Name, number>>;
  readonly pictures: number;
}

/** Runs networks, ONNX files from `pixel_values` to `logits`, over pictures and measures each. */
export async function measure<Name extends string>(
  networks: Readonly<Record<Name, Uint8Array>>,
  { classes, voidIndex }: { readonly classes: number; readonly voidIndex: number | null },
  pictures: LabelledPictures,
  loader: ProgramLoader,
): Promise<Measured<Name>> {
  const names = Object.keys(networks) as Name[];
  const matrices = new Map(names.map((name) => [name, new ConfusionMatrix(classes, { ignoreIndex: "outside" })]));
  const programs = new Map<Name, Program>();
  let count = 0;
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
        const truth = masks.slice(i * pixels, (i + 1) * pixels);
        for (const [name, program] of programs) {
          const { logits } = await program.run({ [pixelValues]: images.slice(3 * i * pixels, 3 * (i + 1) * pixels) });
          const ids = Uint8Array.from(truth, (_, at) => bestClass(logits as Float32Array, at, classes, pixels));
          matrices.get(name)!.add(ids, truth);
        }
      }
    }
  } finally {
    for (const program of programs.values()) await program.release();
  }
  const scores = [...matrices].map(([name, matrix]) => [name, meanIou.compute(matrix, { voidIndex })] as const);
  return { meanIou: Object.fromEntries(scores) as Record<Name, number>, pictures: count };
}
