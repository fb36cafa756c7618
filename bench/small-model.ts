import { writeFile } from "node:fs/promises";
import { openRuntime } from "../src/runtime/ort.node.ts";
import { Trainer } from "../src/studio/training/trainer.ts";
import { LocalEngine } from "../src/train/engine.ts";
import { MemoryHost } from "../src/train/memory-host.ts";

/** Writes an exported file of a U-Net of 0.4 million parameters that has seen some streets; 96×128, 12 classes. Gives its path. */
export async function smallModel(file: string): Promise<string> {
  const runtime = await openRuntime({ backend: "cpu" });
  const trainer = new Trainer({
    host: new MemoryHost(),
    openEngine: async () => ({ engine: new LocalEngine(runtime), reason: undefined }),
    openProcessor: async () => runtime,
    tell: (event) => {
      if (event.kind === "error") throw new Error(event.message);
      if (event.kind === "model") bytes = event.bytes;
    },
  });
  let bytes: Uint8Array | undefined;
  await trainer.hear({ kind: "start", settings: { height: 96, width: 128, epochs: 3, seed: 1 }, backend: "auto" });
  await trainer.hear({ kind: "export", backend: "auto" });
  await writeFile(file, bytes!);
  return file;
}
