import { type Host, joinPath } from "../host.ts";
import { decodeEvent, encodeEvent, type LogEvent } from "./event.ts";
import { recordOf, wholeRecords } from "./record.ts";

/** An event before it is given its time. */
export type Entry = Pick<LogEvent, "step" | "summary">;

/**
 * An event file of TensorBoard that only ever grows. A later one, by its number, takes the place of those before it in
 * the folder: in TensorBoard, which reads them in order and drops at the start of a session what came before, too.
 */
export class EventLog {
  readonly #host: Host;
  readonly #folder: string;
  readonly #now: () => number;
  #number: number | undefined;
  /** Records of the file that are known to be there. */
  #records = 0;
  /** Whether half a record may stand at the end. */
  #torn = false;

  /** @param now milliseconds since 1970. */
  constructor(host: Host, folder: string, now: () => number) {
    this.#host = host;
    this.#folder = folder;
    this.#now = now;
  }

  /** The number of the file that is written to; undefined before there is one. */
  get number(): number | undefined {
    return this.#number;
  }

  /** Begins a file after all that are there. Throws a ResourceError when it cannot be written. */
  async begin(): Promise<void> {
    await this.#replace((await this.#last(0)) + 1, [
      this.#recordOf({ step: 0, fileVersion: "brain.Event:2" }),
      this.#recordOf({ step: 0, sessionLog: { status: 1 } }),
    ]);
  }

  /**
   * Goes on after the events of a file that are kept. Where that is not all of it, a new file takes its place and the
   * old one is emptied, so that a TensorBoard that is open sees the change. Begins anew where there is none.
   */
  async resume(number: number, keep: (event: LogEvent, index: number) => boolean): Promise<void> {
    const last = await this.#last(number);
    if (last < number) return this.begin();
    const file = await this.#host.read(this.#path(last));
    const records = wholeRecords(file);
    const kept = records.filter(({ data }, i) => i < 2 || keep(decodeEvent(data), i)).map(({ record }) => record);
    if (kept.length < 2) return this.begin();
    const bytes = kept.reduce((sum, { length }) => sum + length, 0);
    if (bytes < file.length) {
      await this.#replace(last + 1, kept);
      // Empty, not gone: the numbers have no gap.
      await this.#host.write(this.#path(last), []);
    }
    [this.#number, this.#records, this.#torn] = [bytes < file.length ? last + 1 : last, kept.length, false];
  }

  /** Writes events to the end, at once. Throws a ResourceError when they cannot be written: then none of them is. */
  async append(entries: readonly Entry[]): Promise<void> {
    if (this.#number === undefined) await this.begin();
    else if (this.#torn) await this.resume(this.#number, (_, index) => index < this.#records);
    const records = entries.map((entry) => this.#recordOf(entry));
    this.#torn = true;
    await this.#host.append(this.#path(this.#number!), concatenated(records));
    this.#torn = false;
    this.#records += records.length;
  }

  async #replace(number: number, records: readonly Uint8Array[]): Promise<void> {
    await this.#host.write(this.#path(number), records);
    [this.#number, this.#records, this.#torn] = [number, records.length, false];
  }

  /** The highest number of a file, from one on; the one before it where there is none. */
  async #last(from: number): Promise<number> {
    let number = from;
    while (await this.#host.exists(this.#path(number))) number++;
    return number - 1;
  }

  #path(number: number): string {
    return joinPath(this.#folder, `events.out.tfevents.segkit.${String(number).padStart(3, "0")}`);
  }

  #recordOf(event: Omit<LogEvent, "wallTime">): Uint8Array {
    return recordOf(encodeEvent({ ...event, wallTime: this.#now() / 1000 }));
  }
}

function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
