import { encodeMaskPng } from "../../data/mask-png.ts";
import { find } from "../dom.ts";
import { save } from "../save.ts";
import type { Stage } from "./stage.ts";

/** Lets what is on the stage be saved: the mask as `segkit predict` writes it, and the picture under its colours. */
export class Saving {
  readonly #buttons: HTMLElement;
  /** What files are named after. */
  name = "picture";

  constructor(root: HTMLElement, stage: Stage) {
    this.#buttons = find(root, ".saves");
    find(root, ".save-mask").addEventListener("click", () => {
      const { prediction, look } = stage;
      if (!prediction) return;
      const { ids: data, height, width } = prediction;
      const png = encodeMaskPng({ data, height, width }, look.colors) as Uint8Array<ArrayBuffer>;
      save(new Blob([png], { type: "image/png" }), `${this.#stem}-mask.png`);
    });
    find(root, ".save-overlay").addEventListener("click", () => {
      void stage.overlay().then((png) => save(png, `${this.#stem}-overlay.png`));
    });
  }

  /** Whether there is anything to save. */
  set isPossible(value: boolean) {
    this.#buttons.hidden = !value;
  }

  get #stem(): string {
    return this.name.replace(/\.\w+$/, "").replaceAll(/\s+/g, "-");
  }
}
