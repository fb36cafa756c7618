import type { WebBackendName } from "../../runtime/file-backend.web.ts";
import { find } from "../dom.ts";
import { wantedBackend } from "../wanted-backend.ts";
import type { TrainingSettings } from "./protocol.ts";

/** The fields that say how to train. */
export class SettingsForm {
  readonly #form: HTMLFormElement;

  /** @param onStart told the settings when a new training is asked for; fields that are wrong say so themselves. */
  constructor(root: HTMLElement, onStart: (settings: TrainingSettings) => void) {
    this.#form = find(root, "form.settings", HTMLFormElement);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      onStart(this.settings);
    });
  }

  get settings(): TrainingSettings {
    const [height, width] = this.#field("size").value.split("x").map(Number) as [number, number];
    return { height, width, epochs: Number(this.#field("epochs").value), seed: Number(this.#field("seed").value) };
  }

  set settings({ height, width, epochs, seed }: TrainingSettings) {
    this.#field("size").value = `${height}x${width}`;
    this.#field("epochs").value = String(epochs);
    this.#field("seed").value = String(seed);
  }

  /** Where to compute: left to the page, it is what its address asks for. */
  get backend(): WebBackendName {
    return this.#field("device").value === "wasm" ? "wasm" : wantedBackend();
  }

  set isEnabled(value: boolean) {
    find(this.#form, "fieldset", HTMLFieldSetElement).disabled = !value;
  }

  #field(name: string): HTMLInputElement | HTMLSelectElement {
    return this.#form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement;
  }
}
