/** @file Runs in a browser: a fit that is stopped by a message, kept, and continued as if nothing had happened. */
import { decodeCheckpoint, encodeCheckpoint, IndexedDbHost, LocalEngine, openWasm } from "../../src/index.web.ts";
import { streetsLearner } from "./learning.ts";

/** What came of it. */
export interface Resumed {
  /** The steps taken before the message arrived, and what the fit ended with. */
  readonly steps: number;
  readonly reason: string;
  /** Whether the kept file is gone after it was removed. */
  readonly removed: boolean;
  /** All weights, of the fit without a break and of the one with a break. */
  readonly whole: readonly number[];
  readonly continued: readonly number[];
}

// The browser's own, which Node's types declare otherwise.
declare const MessageChannel: new () => {
  readonly port1: { addEventListener(type: "message", told: () => void): void; start(): void };
  readonly port2: { postMessage(message: null): void };
};

const epochs = 3;
const host = new IndexedDbHost("resume-test");
const file = "run.ckpt";

const engine = async () => new LocalEngine(await openWasm());
type Learner = Awaited<ReturnType<typeof streetsLearner>>;

async function weightsOf(learner: Learner): Promise<number[]> {
  return [...(await learner.stateDict()).values()].flatMap(({ data }) => [...data]);
}

async function withoutBreak(): Promise<number[]> {
  const learner = await streetsLearner(await engine());
  await learner.fitOneCycle(epochs, 1e-2);
  return weightsOf(learner);
}

/** Trains until a message arrives, which is on its way since the third step. */
async function untilStopped(): Promise<Pick<Resumed, "steps" | "reason">> {
  const learner = await streetsLearner(await engine());
  const controller = new AbortController();
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener("message", () => controller.abort("stopped"));
  port1.start();
  let steps = 0;
  const stopping = { batchEnd: () => void (++steps === 3 && port2.postMessage(null)) };
  const reason = await learner
    .fitOneCycle(epochs, 1e-2, { signal: controller.signal, callbacks: [stopping] })
    .then(() => "went on to the end", String);
  await host.write(file, encodeCheckpoint(await learner.checkpoint()));
  return { steps, reason };
}

async function goOn(): Promise<number[]> {
  const { position, weights, optimizer } = decodeCheckpoint(await new IndexedDbHost("resume-test").read(file));
  const learner = await streetsLearner(await engine(), { weights });
  await learner.engine.setOptimizerState(optimizer);
  await learner.fitOneCycle(epochs, 1e-2, { from: position });
  return weightsOf(learner);
}

async function result(): Promise<Resumed> {
  const whole = await withoutBreak();
  const stopped = await untilStopped();
  const continued = await goOn();
  await host.remove(file);
  return { ...stopped, removed: !(await host.exists(file)), whole, continued };
}

const found = await result().catch((error: unknown) => ({ error: String(error) }));
await fetch("/result", { method: "POST", body: JSON.stringify(found) });
