import { find, element } from "./dom.ts";

/** Says something to whoever has the page read out. */
export function announce(text: string): void {
  find(document, "#announcement").textContent = text;
}

/** Shows what went wrong and what to do about it, until it is dismissed or something else is shown. */
export function showError({ message, hint }: { readonly message: string; readonly hint?: string | undefined }): void {
  const close = element("button", { type: "button", "aria-label": "Dismiss" }, "×");
  close.addEventListener("click", clearError);
  const text = element("p", {}, element("strong", {}, message), ...(hint === undefined ? [] : [` ${hint}`]));
  find(document, "#alert").replaceChildren(text, close);
}

/** Takes the last error off the page. */
export function clearError(): void {
  find(document, "#alert").replaceChildren();
}
