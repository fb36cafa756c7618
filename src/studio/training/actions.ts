import { find } from "../dom.ts";

/** The buttons by what they do: a new training in two words, for a training is there already or not. */
const selectors = {
  start: ".start",
  again: ".start",
  stop: ".stop",
  resume: ".resume",
  download: ".download",
  handOver: ".hand-over",
} as const;

type Action = keyof typeof selectors;

/** The buttons of a training: those that are of use at the time. */
export class Actions {
  readonly #root: HTMLElement;

  constructor(root: HTMLElement, handlers: Readonly<Record<Exclude<Action, "start" | "again">, () => void>>) {
    this.#root = root;
    for (const [action, handle] of Object.entries(handlers))
      find(root, selectors[action as Action]).addEventListener("click", handle);
  }

  /** Shows these alone, the first of them as the one to choose; a focus that gets lost goes to it, or waits for the next. */
  show(actions: readonly Action[]): void {
    const shown = actions.map((action) => find(this.#root, selectors[action]));
    for (const selector of Object.values(selectors)) {
      const button = find(this.#root, selector);
      button.hidden = !shown.includes(button);
      button.classList.toggle("primary", button === shown[0]);
    }
    find(this.#root, selectors.start).textContent = actions.includes("again") ? "Start anew" : "Start training";
    const [focused, waiting] = [document.activeElement, find(this.#root, ".doing")];
    const isLost = focused instanceof HTMLElement && focused.offsetParent === null && this.#root.contains(focused);
    const isInForm = find(this.#root, ".settings").contains(focused);
    // With no action at hand, the settings are about to be disabled too.
    if (focused === waiting || isLost || (isInForm && shown.length === 0)) (shown[0] ?? waiting).focus();
  }
}
