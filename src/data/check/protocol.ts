import type { ErrorRecord } from "../../util/error-record.ts";
import type { Inspected, Inspection } from "./facts.ts";

/** Pairs for a thread to read. */
export interface InspectTask {
  /** The position of the first of them among all. */
  readonly from: number;
  readonly pairs: readonly Inspected[];
}

/** What a thread answers to every task. */
export type InspectAnswer =
  | { readonly from: number; readonly inspections: readonly Inspection[] }
  | { readonly from: number; readonly error: ErrorRecord };
