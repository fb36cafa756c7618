import type { MemoryHost } from "../../src/train/memory-host.ts";
import { decodeEvent, type LogEvent, type TaggedValue } from "../../src/train/tensorboard/event.ts";
import { wholeRecords } from "../../src/train/tensorboard/record.ts";

/** The events of an event file, up to where it was cut off. */
export function eventsIn(file: Uint8Array): LogEvent[] {
  return wholeRecords(file).map(({ data }) => decodeEvent(data));
}

/** All values in an event file, with the steps they are of. */
export function valuesInFile(file: Uint8Array): (TaggedValue & { readonly step: number })[] {
  return eventsIn(file).flatMap(({ step, summary }) => (summary?.value ?? []).map((value) => ({ step, ...value })));
}

/** All values in the event files of a host, in the order that TensorBoard reads them. */
export function valuesIn({ files }: MemoryHost): ReturnType<typeof valuesInFile> {
  const paths = [...files.keys()].filter((path) => path.includes("tfevents")).toSorted();
  return paths.flatMap((path) => valuesInFile(files.get(path)!));
}
