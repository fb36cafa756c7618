import type { ErrorRecord } from "./error-record.ts";

/** What the methods of a thread are like: plain data in, plain data out. */
export type ThreadMethods<Methods> = Record<keyof Methods, (...args: never[]) => Promise<unknown>>;

/** A call of a method. */
export interface ThreadRequest {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** What a thread says: once that it is ready or why it is not, then what became of each call. */
export type ThreadReply =
  | { readonly kind: "ready"; readonly value: unknown }
  | { readonly kind: "failed"; readonly error: ErrorRecord }
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "error"; readonly id: number; readonly error: ErrorRecord };
