import { parentPort } from "node:worker_threads";
import { packError } from "./error-record.ts";
import type { ThreadMethods, ThreadReply, ThreadRequest } from "./thread-protocol.ts";
import { buffersIn } from "./transfer.ts";

/**
 * Answers `ThreadCalls` from inside their thread, one after the other. Arrays in what a method gives are moved.
 * @param open gives the methods, and what the caller hears once they can be called; what it throws, the caller gets.
 */
export async function answerCalls<Methods extends ThreadMethods<Methods>>(
  open: () => Promise<{ readonly methods: Methods; readonly ready: unknown }>,
): Promise<void> {
  const port = parentPort!;
  const post = (reply: ThreadReply): void => port.postMessage(reply, [...buffersIn(reply)]);
  try {
    const { methods, ready } = await open();
    const answer = async ({ id, method, args }: ThreadRequest): Promise<void> => {
      try {
        // The caller knows the methods' types, so name and arguments fit.
        const call: (...args: never[]) => Promise<unknown> = methods[method as keyof Methods];
        post({ kind: "result", id, value: await call.apply(methods, args as never[]) });
      } catch (error) {
        post({ kind: "error", id, error: packError(error) });
      }
    };
    let turn: Promise<void> = Promise.resolve();
    port.on("message", (request: ThreadRequest) => {
      turn = turn.then(() => answer(request));
    });
    post({ kind: "ready", value: ready });
  } catch (error) {
    post({ kind: "failed", error: packError(error) });
  }
}
