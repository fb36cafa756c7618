import type { Size } from "../../data/image.ts";
import type { Pixels } from "../../data/resample.ts";
import type { FileSession, ShapedValues } from "../../runtime/open-file.ts";
import type { ModelSpec } from "../model-spec.ts";
import { CorruptFileError } from "../../util/errors.ts";
import type { SafeModel } from "../safety/require-safe-model.ts";
import { inputOf } from "./picture.ts";

/** An exported file and what it says of itself. */
export class LoadedModel {
  /** What the file says of itself. */
  readonly spec: ModelSpec;
  readonly #session: FileSession;
  readonly #safe: SafeModel;

  /** A file that a session runs; `loadPredictor` makes it. */
  constructor(spec: ModelSpec, session: FileSession, safe: SafeModel) {
    this.spec = spec;
    this.#session = session;
    this.#safe = safe;
  }

  /** What runs it, such as "cpu, 2 threads". */
  get backend(): string {
    const { backend, threads } = this.#session;
    return backend === "webgpu" ? backend : `${backend}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
  }

  /** Logits float32 [n, classes, height, width], or ids uint8 [n, height, width], of pictures brought to one size. */
  async see(pictures: readonly Pixels[], size: Size): Promise<ShapedValues> {
    const seen = await this.run(inputOf(pictures, size, this.spec));
    requireTold(seen, [pictures.length, size], this.spec);
    return seen;
  }

  /** What the file gives for values of its own input. */
  async run(values: ShapedValues): Promise<ShapedValues> {
    this.#safe.requireModest(values.shape);
    return this.#session.run(this.spec.input.name, values, this.spec.output.name);
  }

  /** Gives its memory back. */
  async release(): Promise<void> {
    await this.#session.release();
  }
}

/** Throws a CorruptFileError unless the values are what a file says that it gives. */
function requireTold({ data, shape }: ShapedValues, [count, { height, width }]: [number, Size], spec: ModelSpec): void {
  const { kind } = spec.output;
  const classes = spec.names.length;
  const expected = kind === "logits" ? [count, classes, height, width] : [count, height, width];
  const fits = data instanceof (kind === "logits" ? Float32Array : Uint8Array) && shape.join() === expected.join();
  if (fits && (kind === "logits" || data.every((id) => id < classes))) return;
  throw new CorruptFileError(
    `model: expected ${kind} [${expected.join(", ")}] of ${classes} classes, but it gives others: [${shape.join(", ")}]`,
    { hint: "Export it again." },
  );
}
