import { messageOf, SegkitError } from "../util/errors.ts";
import { element, find } from "./dom.ts";

/** Says something to whoever has the page read out. */
export function announce(text: string): void {
  find(document, "#announcement").textContent = text;
}

/** Shows what went wrong and what to do about it, until it is dismissed or something else is shown. */
export function showError(error: unknown): void {
  const close = element("button", { type: "button", "aria-label": "Dismiss" }, "×");
  close.addEventListener("click", clearError);
  const hint = error instanceof SegkitError ? error.hint : undefined;
  const text = element("p", {}, element("strong", {}, messageOf(error)), hint ?? "");
  find(document, "#alert").replaceChildren(element("div", {}, text, close));
}

/** Takes the last error off the page. */
export function clearError(): void {
  find(document, "#alert").replaceChildren();
}
