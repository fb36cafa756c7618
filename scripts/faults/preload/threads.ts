/** @file A thread that dies as SEGKIT_FAULT says: the first that runs `file`, instead of taking its message of that number. */
import { syncBuiltinESMExports } from "node:module";
import threads, { type Worker } from "node:worker_threads";

const { file, at } = JSON.parse(process.env["SEGKIT_FAULT"]!) as { readonly file: string; readonly at: number };
const { Worker: Original } = threads;
let mortal = true;

class Mortal extends Original {
  readonly #dies: boolean;
  #messages = 0;

  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args);
    this.#dies = mortal && String(args[0]).includes(file);
    if (this.#dies) mortal = false;
  }

  override postMessage(...args: Parameters<Worker["postMessage"]>): void {
    if (this.#dies && this.#messages++ === at) void this.terminate();
    else super.postMessage(...args);
  }
}
threads.Worker = Mortal;
syncBuiltinESMExports();
