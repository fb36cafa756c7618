import type { Html } from "./html.ts";

/** A part of a report that the list of contents leads to. */
export interface Section {
  /** Letters and dashes. */
  readonly id: string;
  readonly title: string;
  readonly body: Html;
  readonly className?: string;
}
