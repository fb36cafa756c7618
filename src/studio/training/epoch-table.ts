import { element, find } from "../dom.ts";
import { percent } from "../predict/format.ts";
import type { EpochRow } from "./protocol.ts";

/** What every epoch came to, the newest on top. */
export class EpochTable {
  readonly #card: HTMLElement;
  readonly #body: HTMLElement;

  constructor(root: HTMLElement) {
    this.#body = find(root, ".epochs tbody");
    this.#card = this.#body.closest<HTMLElement>(".card")!;
  }

  show(rows: readonly EpochRow[]): void {
    this.#body.replaceChildren(...rows.toReversed().map(rowElement));
    this.#card.hidden = rows.length === 0;
  }
}

function rowElement({ epoch, trainLoss, validLoss, accuracy, meanIou }: EpochRow): HTMLTableRowElement {
  const cells = [trainLoss.toFixed(3), validLoss.toFixed(3), percent(accuracy), percent(meanIou)];
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, String(epoch)),
    ...cells.map((text) => element("td", {}, text)),
  );
}
