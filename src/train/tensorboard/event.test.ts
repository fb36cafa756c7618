import { expect, test } from "vitest";
import { decodeEvent, encodeEvent, type LogEvent } from "./event.ts";
import { recordOf, wholeRecords } from "./record.ts";

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Every kind of field that segkit writes. */
const events: LogEvent[] = [
  { wallTime: 1.5, step: 0, fileVersion: "brain.Event:2" },
  { wallTime: 1.5, step: 7, sessionLog: { status: 1 } },
  {
    ...{ wallTime: 1_700_000_000.25, step: 300 },
    summary: {
      value: [
        { tag: "loss/train", simpleValue: 0 },
        { tag: "a/Übergang", simpleValue: -2.5 },
        {
          tag: "p",
          image: { height: 2, width: 3, colorspace: 3, encodedImageString: Uint8Array.of(0x89, 0x50, 0xff) },
        },
        {
          tag: "w",
          histo: { min: -1, max: 2, num: 3, sum: 1.5, sumSquares: 5.25, bucketLimit: [0.5, 2], bucket: [1, 2] },
        },
      ],
    },
  },
];

// TensorBoard 2.21 reads these bytes back as the events above; it refuses a record whose checksums are wrong.
test("the bytes of a small event file", () => {
  expect(events.map((event) => hex(recordOf(encodeEvent(event)))).join("\n")).toMatchInlineSnapshot(`
    "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c
    0f000000000000006d532b0909000000000000f83f10073a020801774771c7
    a0000000000000002a5572250900001040fc54d94110ac022a91010a110a0a6c6f73732f747261696e15000000000a120a0b612fc39c62657267616e6715000020c00a100a0170220b08021003180322038950ff0a560a01772a5109000000000000f0bf11000000000000004019000000000000084021000000000000f83f2900000000000015403210000000000000e03f00000000000000403a10000000000000f03f00000000000000402fa92704"
  `);
});

test("come back as they were", () => {
  const [version, start, values] = events.map((event) => decodeEvent(encodeEvent(event)));
  expect([version, start]).toEqual(events.slice(0, 2));
  const { image, ...rest } = values!.summary!.value[2]!;
  expect([rest, [...image!.encodedImageString]]).toEqual([{ tag: "p" }, [0x89, 0x50, 0xff]]);
  expect(hex(encodeEvent(values!))).toBe(hex(encodeEvent(events[2]!)));
});

test("records are read up to where a file was cut off or damaged", () => {
  const records = events.map((event) => recordOf(encodeEvent(event)));
  const file = Uint8Array.from(records.flatMap((record) => [...record]));
  expect(wholeRecords(file).map(({ record }) => hex(record))).toEqual(records.map(hex));
  for (const cut of [1, 4, 5, records[2]!.length - 1, records[2]!.length])
    expect(wholeRecords(file.subarray(0, file.length - cut))).toHaveLength(2);
  for (let at = 0; at < file.length; at++) {
    const damaged = file.slice();
    damaged[at]! ^= 1;
    const before = at < records[0]!.length ? 0 : at < file.length - records[2]!.length ? 1 : 2;
    expect(wholeRecords(damaged)).toHaveLength(before);
  }
  expect(wholeRecords(new Uint8Array())).toEqual([]);
});
