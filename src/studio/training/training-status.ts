import { find } from "../dom.ts";

/** What is going on in the training thread. */
export class TrainingStatus {
  readonly #headline: HTMLElement;
  readonly #detail: HTMLElement;
  readonly #progress: HTMLProgressElement;
  readonly #device: HTMLElement;
  readonly #reason: HTMLElement;

  constructor(root: HTMLElement) {
    const status = find(root, ".training-status");
    [this.#headline, this.#detail] = [find(status, ".doing"), find(status, ".detail")];
    this.#progress = find(status, "progress", HTMLProgressElement);
    [this.#device, this.#reason] = [find(status, ".processor"), find(status, ".why")];
  }

  /** What is done, with more on it, and how much of it is done: a share, or null where that is not known or nothing is. */
  show(headline: string, detail = "", share: number | null = null): void {
    this.#headline.textContent = headline;
    this.#detail.textContent = detail;
    this.#progress.hidden = share === null;
    this.#progress.value = share ?? 0;
  }

  /** What computes, and why that is not the GPU. */
  device(name: string, reason: string | undefined): void {
    this.#device.parentElement!.hidden = false;
    this.#device.textContent = name;
    this.#reason.hidden = reason === undefined;
    this.#reason.textContent = reason ?? "";
  }
}
