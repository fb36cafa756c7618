/** @file A system that starts no more threads. */
import { expect, test, vi } from "vitest";
import { openEngine } from "../src/train/engine-thread.node.ts";

/** What Node throws where the system gives it no thread, or no memory for one. */
const refusal = vi.hoisted(() => Object.assign(new Error("EAGAIN"), { code: "ERR_WORKER_INIT_FAILED" }));

vi.mock("node:worker_threads", async (original) => ({
  ...(await original<object>()),
  Worker: vi.fn(function () {
    throw refusal;
  }),
}));

test("is said in a sentence, with exit code 4", async () => {
  await expect(openEngine({ backend: "cpu" })).rejects.toMatchObject({
    ...{ name: "ResourceError", exitCode: 4, cause: refusal },
    message: "the system starts no more threads: memory or their number has a limit here",
  });
});
