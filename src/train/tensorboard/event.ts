import protobuf from "protobufjs/light.js";
import { CorruptFileError, messageOf } from "../../util/errors.ts";

/**
 * The messages of TensorBoard's event files that segkit writes, with the field numbers of TensorBoard's event.proto and
 * summary.proto.
 */
const schema: protobuf.INamespace = {
  nested: {
    Image: {
      fields: {
        height: { type: "int32", id: 1 },
        width: { type: "int32", id: 2 },
        colorspace: { type: "int32", id: 3 },
        encodedImageString: { type: "bytes", id: 4 },
      },
    },
    HistogramProto: {
      fields: {
        min: { type: "double", id: 1 },
        max: { type: "double", id: 2 },
        num: { type: "double", id: 3 },
        sum: { type: "double", id: 4 },
        sumSquares: { type: "double", id: 5 },
        bucketLimit: { rule: "repeated", type: "double", id: 6, options: { packed: true } },
        bucket: { rule: "repeated", type: "double", id: 7, options: { packed: true } },
      },
    },
    Value: {
      // Of these fields a zero is written, too: an IoU of 0 is not left out.
      oneofs: { value: { oneof: ["simpleValue", "image", "histo"] } },
      fields: {
        tag: { type: "string", id: 1 },
        simpleValue: { type: "float", id: 2 },
        image: { type: "Image", id: 4 },
        histo: { type: "HistogramProto", id: 5 },
      },
    },
    Summary: { fields: { value: { rule: "repeated", type: "Value", id: 1 } } },
    SessionLog: { fields: { status: { type: "int32", id: 1 } } },
    Event: {
      oneofs: { what: { oneof: ["fileVersion", "summary", "sessionLog"] } },
      fields: {
        wallTime: { type: "double", id: 1 },
        step: { type: "int64", id: 2 },
        fileVersion: { type: "string", id: 3 },
        summary: { type: "Summary", id: 5 },
        sessionLog: { type: "SessionLog", id: 7 },
      },
    },
  },
};

const Event = protobuf.Root.fromJSON(schema).lookupType("Event");

/** How numbers are spread: `bucket[i]` of them are at most `bucketLimit[i]` and above the limit before. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  readonly bucketLimit: readonly number[];
  readonly bucket: readonly number[];
}

/** A picture as PNG; a colour space of 3 is red, green, blue. */
export interface EncodedImage {
  readonly height: number;
  readonly width: number;
  readonly colorspace: 3;
  readonly encodedImageString: Uint8Array;
}

/** One value under a tag: a number, a picture or a histogram. */
export interface TaggedValue {
  readonly tag: string;
  readonly simpleValue?: number;
  readonly image?: EncodedImage;
  readonly histo?: Histogram;
}

/** A record of an event file. `wallTime` is in seconds since 1970. */
export interface LogEvent {
  readonly wallTime: number;
  readonly step: number;
  readonly fileVersion?: string;
  readonly summary?: { readonly value: readonly TaggedValue[] };
  /** A status of 1 is the start of a session: what was logged before, from its step on, counts no more. */
  readonly sessionLog?: { readonly status: number };
}

/** An event as a protocol-buffer message. */
export function encodeEvent(event: LogEvent): Uint8Array {
  return Event.encode(Event.fromObject(event)).finish();
}

/** The event of a message that `encodeEvent` made. Throws a CorruptFileError for another one. */
export function decodeEvent(bytes: Uint8Array): LogEvent {
  try {
    return Event.toObject(Event.decode(bytes), { longs: Number, defaults: true }) as LogEvent;
  } catch (error) {
    throw new CorruptFileError(`event file: an event cannot be read: ${messageOf(error)}`, {
      hint: "Remove the event files, or go on without --tensorboard.",
      cause: error,
    });
  }
}
