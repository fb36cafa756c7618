import { expect, test } from "vitest";
import { type Outcome, workAhead } from "./ahead.ts";

async function all<T, R>(stream: AsyncIterable<Outcome<T, R>>): Promise<unknown[]> {
  const seen = [];
  for await (const outcome of stream) seen.push(outcome.ok ? outcome.result : String(outcome.error));
  return seen;
}

test("gives results in order, however long each takes, and what one threw in its place", async () => {
  const waits = [20, 1, 10, 0];
  const work = async (i: number): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, waits[i]));
    if (i === 1) throw new Error("bad");
    return i * 10;
  };
  expect(await all(workAhead([0, 1, 2, 3], work, 3))).toEqual([0, "Error: bad", 20, 30]);
  expect(await all(workAhead([], work, 3))).toEqual([]);
});

test("begins no more than it may", async () => {
  const begun: number[] = [];
  const stream = workAhead([0, 1, 2, 3, 4, 5], async (i) => void begun.push(i), 2);
  await stream.next();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(begun).toEqual([0, 1]);
  await stream.next();
  expect(begun).toEqual([0, 1, 2]);
  await stream.return();
  expect(begun).toEqual([0, 1, 2]);
});

test("takes items that come by and by, and ends their source when nobody wants more", async () => {
  let ended = false;
  async function* source(): AsyncGenerator<number> {
    try {
      for (let i = 0; ; i++) yield i;
    } finally {
      ended = true;
    }
  }
  const seen = [];
  for await (const outcome of workAhead(source(), async (i) => 10 * i, 2)) {
    seen.push(outcome.ok && outcome.result);
    if (seen.length === 3) break;
  }
  expect(seen).toEqual([0, 10, 20]);
  expect(ended).toBe(true);
});
