import type { Size } from "../../data/image.ts";
import type { Pixels } from "../../data/resample.ts";
import type { FileSession, ShapedValues } from "../../runtime/open-file.ts";
import type { ModelSpec } from "../model-spec.ts";
import { inputOf } from "./picture.ts";

/** An exported file and what it says of itself. */
export class LoadedModel {
  /** What the file says of itself. */
  readonly spec: ModelSpec;
  readonly #session: FileSession;

  /** A file that a session runs; `loadPredictor` makes it. */
  constructor(spec: ModelSpec, session: FileSession) {
    this.spec = spec;
    this.#session = session;
  }

  /** What runs it, such as "cpu, 2 threads". */
  get backend(): string {
    const { backend, threads } = this.#session;
    return backend === "webgpu" ? backend : `${backend}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
  }

  /** Logits float32 [n, classes, height, width], or ids uint8 [n, height, width], of pictures brought to one size. */
  async see(pictures: readonly Pixels[], size: Size): Promise<ShapedValues> {
    return this.run(inputOf(pictures, size, this.spec));
  }

  /** What the file gives for values of its own input. */
  async run(values: ShapedValues): Promise<ShapedValues> {
    return this.#session.run(this.spec.input.name, values, this.spec.output.name);
  }

  /** Gives its memory back. */
  async release(): Promise<void> {
    await this.#session.release();
  }
}
