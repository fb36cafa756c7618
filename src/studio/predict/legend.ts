import type { FoundClass } from "../../inference/file/segmentation.ts";
import { element, find } from "../dom.ts";
import { percent } from "./format.ts";
import type { ClassLook } from "./stage.ts";

/** The classes with their shares; one can be looked at alone. */
export class Legend {
  readonly #list: HTMLElement;
  readonly #hint: HTMLElement;
  readonly #onChoice: (id: number | null) => void;
  #rows: readonly Row[] = [];
  #chosen: number | null = null;

  /** @param onChoice told the class that is to be looked at alone; null for all. */
  constructor(root: HTMLElement, onChoice: (id: number | null) => void) {
    this.#list = find(root, ".legend");
    this.#hint = find(root, ".hint");
    this.#onChoice = onChoice;
  }

  /** Lists all classes, before anything is known of their shares. */
  set look({ names, colors }: ClassLook) {
    this.#rows = names.map((name, id) => new Row(id, name, colors[id]!, () => this.#choose(id)));
    this.#list.replaceChildren(...this.#rows.map(({ item }) => item));
  }

  /** The shares of the classes; if `sorts`, those with most pixels come first and those that are not there last. */
  show(found: readonly FoundClass[], sorts = true): void {
    const shares = new Map(found.map((each) => [each.id, each]));
    for (const row of this.#rows) row.found = shares.get(row.id);
    this.#list.classList.add("known");
    this.#hint.hidden = false;
    if (!sorts) return;
    const focused = document.activeElement;
    this.#list.append(
      ...found.map(({ id }) => this.#rows[id]!.item),
      ...this.#rows.filter(({ id }) => !shares.has(id)).map(({ item }) => item),
    );
    // What is moved loses it.
    if (focused instanceof HTMLElement && this.#list.contains(focused)) focused.focus();
  }

  #choose(id: number): void {
    this.#chosen = this.#chosen === id ? null : id;
    for (const row of this.#rows) row.isChosen = row.id === this.#chosen;
    this.#list.classList.toggle("choosing", this.#chosen !== null);
    this.#onChoice(this.#chosen);
  }
}

/** A class. */
class Row {
  readonly id: number;
  readonly item: HTMLLIElement;
  readonly #button: HTMLButtonElement;
  readonly #share = element("span", { class: "share" });
  readonly #bar = element("span", { class: "bar", "aria-hidden": "true" });

  constructor(id: number, name: string, color: readonly [number, number, number], onClick: () => void) {
    this.id = id;
    const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
    this.#button = element(
      "button",
      { type: "button", "aria-pressed": "false" },
      ...[swatch, element("span", { class: "class" }, name), this.#share, this.#bar],
    );
    this.#button.style.setProperty("--color", `rgb(${color.join(" ")})`);
    this.#button.addEventListener("click", onClick);
    this.item = element("li", {}, this.#button);
  }

  set found(found: FoundClass | undefined) {
    const { share = 0, confidence = null } = found ?? {};
    this.item.classList.toggle("absent", found === undefined);
    this.#share.textContent = found ? percent(share) : "–";
    this.#bar.style.setProperty("--share", String(share));
    this.#button.title = confidence === null ? "" : `mean probability ${percent(confidence)}`;
  }

  set isChosen(value: boolean) {
    this.#button.setAttribute("aria-pressed", String(value));
  }
}
