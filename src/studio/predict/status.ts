import { find } from "../dom.ts";
import { deviceName, duration } from "./format.ts";
import type { Device, Prediction } from "./protocol.ts";

/** What is going on, and what it goes on upon. */
export class Status {
  readonly #root: HTMLElement;
  readonly #bytes: number;

  /** @param bytes of the model. */
  constructor(root: HTMLElement, bytes: number) {
    [this.#root, this.#bytes] = [find(root, ".status"), bytes];
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
    find(this.#root, ".loading").hidden = true;
    find(this.#root, "dl").hidden = false;
  }

  /** The model cannot be loaded. */
  failed(): void {
    find(this.#root, ".loading").hidden = true;
  }

  set device({ backend, reason }: Device) {
    find(this.#root, ".device").textContent = deviceName(backend);
    const text = find(this.#root, ".reason");
    text.hidden = reason === undefined;
    text.textContent = reason === undefined ? "" : `Not on the GPU: ${reason.replace(/^runtime: /, "")}.`;
  }

  set prediction({ milliseconds, height, width }: Prediction) {
    find(this.#root, ".time").textContent = duration(milliseconds);
    find(this.#root, ".size").textContent = `${width} × ${height}`;
  }
}
