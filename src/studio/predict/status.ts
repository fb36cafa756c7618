import { find } from "../dom.ts";
import { deviceName, duration } from "./format.ts";
import type { Device, Prediction } from "./protocol.ts";

/** What is going on, and what it goes on upon. */
export class Status {
  readonly #root: HTMLElement;
  #bytes = 0;
  #isLive = false;

  constructor(root: HTMLElement) {
    this.#root = find(root, ".status");
  }

  /** A model of so many bytes is loaded. */
  loading(bytes: number): void {
    this.#bytes = bytes;
    for (const [selector, isShown] of [
      [".loading", true],
      ["progress", true],
      [".headline", false],
      ["dl", false],
    ] as const)
      this.#show(selector, isShown);
    this.progress(0);
  }

  /** So many bytes of the model have come. */
  progress(loaded: number): void {
    find(this.#root, "progress", HTMLProgressElement).value = loaded / this.#bytes;
    const megabytes = (n: number): string => (n / 1e6).toFixed(1);
    find(this.#root, ".loading p").textContent =
      loaded < this.#bytes
        ? `Loading the model: ${megabytes(loaded)} of ${megabytes(this.#bytes)} MB`
        : "Making the model ready";
  }

  /** The model can predict. */
  ready(): void {
    this.#show(".loading", false);
    this.#show(".headline", true);
    this.#show("dl", true);
  }

  /** The model cannot be loaded. */
  failed(): void {
    this.#show("progress", false);
    find(this.#root, ".loading p").textContent = "The model cannot be loaded.";
  }

  /** Whether pictures follow one another. */
  set isLive(value: boolean) {
    this.#isLive = value;
  }

  /** A picture is looked at. */
  working(): void {
    find(this.#root, ".time").textContent = "…";
    find(this.#root, ".size").textContent = "";
  }

  set device({ backend, reason }: Device) {
    find(this.#root, ".device").textContent = deviceName(backend);
    this.#show(".reason", reason !== undefined);
    find(this.#root, ".reason").textContent = reason ?? "";
  }

  set prediction({ milliseconds, height, width }: Prediction) {
    find(this.#root, ".time").textContent = duration(milliseconds);
    const what = this.#isLive ? "for each frame of" : "for";
    find(this.#root, ".size").textContent = `${what} ${width} × ${height} pixels`;
  }

  #show(selector: string, isShown: boolean): void {
    find(this.#root, selector).hidden = !isShown;
  }
}
