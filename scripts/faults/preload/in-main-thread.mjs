// Loads the program that SEGKIT_PRELOAD names, written in TypeScript, into the main thread: threads get the options of their
// process, too.
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  const { register } = await import("tsx/esm/api");
  const unregister = register();
  await import(process.env.SEGKIT_PRELOAD);
  await unregister();
}
