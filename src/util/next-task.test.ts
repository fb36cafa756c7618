import { expect, test } from "vitest";
import { nextTask } from "./next-task.ts";

test("messages and timers that wait have their turn", async () => {
  const told: string[] = [];
  const { port1, port2 } = new MessageChannel();
  port1.on("message", () => told.push("message"));
  port2.postMessage(null);
  setTimeout(() => told.push("timer"));
  for (let i = 0; i < 1000 && told.length < 2; i++) await nextTask();
  port1.close();
  expect(told.toSorted()).toEqual(["message", "timer"]);
});
