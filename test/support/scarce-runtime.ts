import { openRuntime } from "../../src/runtime/ort.node.ts";
import type { Program, Runtime } from "../../src/runtime/runtime.ts";

/** What ONNX Runtime says when its arena cannot grow. */
const message = "Non-zero status code … Failed to allocate memory for requested buffer of size 301989888";

/** What a runtime with little memory is asked for. */
export interface Asked {
  /** Whether the program trains; else it validates. */
  readonly trains: boolean;
  /** Pictures of its batch. */
  readonly pictures: number;
  /** Whether the program is being loaded; else it runs. */
  readonly loads: boolean;
  /** Pictures of all programs that are held, this one's with them. */
  readonly held: number;
}

/** The native runtime, short of memory whenever `lacks` says so. */
export async function scarceRuntime(lacks: (asked: Asked) => boolean): Promise<Runtime> {
  const runtime = await openRuntime({ backend: "cpu", threads: 1 });
  let held = 0;
  return {
    name: runtime.name,
    target: runtime.target,
    threads: runtime.threads,
    async load(lowered): Promise<Program> {
      const pictures = lowered.inputs.images!.shape[0]!;
      const trains = Object.keys(lowered.outputs).some((name) => name.startsWith("gradient:"));
      const check = (loads: boolean, total: number): void => {
        if (lacks({ trains, pictures, loads, held: total })) throw new Error(message);
      };
      check(true, held + pictures);
      held += pictures;
      const program = await runtime.load(lowered);
      return {
        async run(feeds) {
          check(false, held);
          return program.run(feeds);
        },
        async release() {
          held -= pictures;
          await program.release();
        },
      };
    },
  };
}
