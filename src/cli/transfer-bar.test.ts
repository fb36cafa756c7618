import { expect, test } from "vitest";
import { TransferBar } from "./transfer-bar.ts";

test("megabytes, speed and the time left", () => {
  const lines: string[] = [];
  let now = 0;
  const bar = new TransferBar({ update: (...args) => void lines.push(args.join(" | ")) }, () => now);
  const at = (time: number, ...args: Parameters<TransferBar["update"]>) => {
    now = time;
    bar.update(...args);
  };
  at(0, "downloading camvid", 100_000_000, 600_000_000);
  at(10, "downloading camvid", 200_000_000, 600_000_000);
  at(11, "downloading camvid", 0, 600_000_000);
  at(12, "downloading camvid", 50_000_000, 600_000_000);
  at(20, "unpacking camvid", 0, 2_314_212);
  at(21, "unpacking camvid", 1_157_106, 2_314_212);
  at(30, "downloading x", 0, undefined);
  at(31, "downloading x", 5_250_000, undefined);
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "100 | 600 | downloading camvid | MB
    200 | 600 | downloading camvid | MB  10.0 MB/s  00:40 left
    0 | 600 | downloading camvid | MB
    50 | 600 | downloading camvid | MB  50.0 MB/s  00:11 left
    0 | 2.3 | unpacking camvid | MB
    1.2 | 2.3 | unpacking camvid | MB  1.2 MB/s  00:01 left
    0 | 0 | downloading x | MB
    5.3 | 5.3 | downloading x | MB  5.3 MB/s"
  `);
});
