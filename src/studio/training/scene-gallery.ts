import { element, find } from "../dom.ts";
import { percent } from "../predict/format.ts";
import { maskPixels } from "../predict/mask-pixels.ts";
import type { ShownScenes } from "./protocol.ts";

/** Scenes that the network does not learn from: what they show, what is true, and what it takes them for. */
export class SceneGallery {
  readonly #grid: HTMLElement;
  readonly #key: HTMLElement;
  #scenes: ShownScenes | undefined;
  #predictions: readonly { readonly canvas: HTMLCanvasElement; readonly right: HTMLElement }[] = [];

  constructor(root: HTMLElement) {
    [this.#grid, this.#key] = [find(root, ".scenes"), find(root, ".key")];
  }

  /** Other scenes, of which nothing is predicted yet. */
  set scenes(scenes: ShownScenes) {
    this.#scenes = scenes;
    const { pictures, truths, names, colors } = scenes;
    this.#predictions = pictures.map((_, i) => {
      const canvas = this.#canvas(`What the network takes scene ${i + 1} for`);
      return { canvas, right: element("figcaption", {}, "–") };
    });
    this.#grid.replaceChildren(
      element("h3", {}, "Scene"),
      ...pictures.map((rgb, i) => this.#drawn(`Scene ${i + 1}`, opaque(rgb))),
      element("h3", {}, "Truth"),
      ...truths.map((ids, i) => this.#drawn(`The classes of scene ${i + 1}`, this.#colours(ids))),
      element("h3", {}, "Prediction, and the share of it that is right"),
      ...this.#predictions.map(({ canvas, right }) => element("figure", {}, canvas, right)),
    );
    this.#key.replaceChildren(
      ...names.map((name, id) => {
        const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
        swatch.style.setProperty("--color", `rgb(${colors[id]!.join(" ")})`);
        return element("li", {}, swatch, name);
      }),
    );
  }

  /** What the network makes of them now: class ids of each. */
  set masks(masks: readonly Uint8Array[]) {
    for (const [i, ids] of masks.entries()) {
      const { canvas, right } = this.#predictions[i]!;
      draw(canvas, this.#colours(ids));
      const share = percent(this.#accuracy(ids, i));
      right.textContent = share;
      canvas.setAttribute("aria-label", `What the network takes scene ${i + 1} for: ${share} of its pixels are right`);
    }
  }

  #drawn(name: string, pixels: Uint8ClampedArray<ArrayBuffer>): HTMLElement {
    const canvas = this.#canvas(name);
    draw(canvas, pixels);
    return element("figure", {}, canvas);
  }

  #canvas(name: string): HTMLCanvasElement {
    const { height, width } = this.#scenes!;
    return element("canvas", { role: "img", "aria-label": name, height: String(height), width: String(width) });
  }

  #colours(ids: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
    return maskPixels(ids, this.#scenes!.colors, []);
  }

  /** The share of the pixels that are right, void left out. */
  #accuracy(ids: Uint8Array, scene: number): number {
    const { truths, voidIndex } = this.#scenes!;
    let [right, all] = [0, 0];
    for (const [i, id] of truths[scene]!.entries()) {
      if (id === voidIndex) continue;
      all++;
      if (ids[i] === id) right++;
    }
    return right / Math.max(all, 1);
  }
}

function draw(canvas: HTMLCanvasElement, pixels: Uint8ClampedArray<ArrayBuffer>): void {
  canvas.getContext("2d")!.putImageData(new ImageData(pixels, canvas.width, canvas.height), 0, 0);
}

/** RGB as a canvas has it. */
function opaque(rgb: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  return Uint8ClampedArray.from({ length: (rgb.length / 3) * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : rgb[3 * (i >> 2) + (i % 4)]!,
  );
}
