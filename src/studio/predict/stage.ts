import { find } from "../dom.ts";
import { maskPixels } from "./mask-pixels.ts";
import type { Prediction } from "./protocol.ts";

/** Names and colours of the classes, by id. */
export interface ClassLook {
  readonly names: readonly string[];
  readonly colors: readonly (readonly [number, number, number])[];
}

/** How faint the other classes are where one is looked at. */
const faint = 0.12;

/** The picture with its mask over it. */
export class Stage {
  readonly #picture: HTMLCanvasElement;
  readonly #mask: HTMLCanvasElement;
  readonly #layers: HTMLElement;
  readonly #pointed: HTMLElement;
  readonly #result: HTMLElement;
  readonly #drop: HTMLElement;
  readonly #choose: HTMLElement;
  readonly #working: HTMLElement;
  readonly #strength: HTMLElement;
  #look: ClassLook = { names: [], colors: [] };
  #prediction: Prediction | undefined;
  #highlighted: number | null = null;

  constructor(root: HTMLElement) {
    this.#picture = find(root, "canvas.picture", HTMLCanvasElement);
    this.#mask = find(root, "canvas.mask", HTMLCanvasElement);
    this.#layers = find(root, ".layers");
    this.#pointed = find(root, ".pointed");
    this.#result = find(root, ".result");
    this.#drop = find(root, ".drop");
    this.#choose = find(root, ".toolbar .choose");
    this.#working = find(root, ".working");
    this.#strength = find(root, ".strength");
    const slider = find(this.#strength, "input", HTMLInputElement);
    const strengthen = (): void => void (this.#mask.style.opacity = String(slider.valueAsNumber / 100));
    slider.addEventListener("input", strengthen);
    strengthen();
    this.#layers.addEventListener("pointermove", (event) => this.#point(event));
    this.#layers.addEventListener("pointerleave", () => (this.#pointed.hidden = true));
  }

  /** How the classes look from now on. */
  set look(look: ClassLook) {
    this.#look = look;
  }

  get look(): ClassLook {
    return this.#look;
  }

  /** What it shows the mask of. */
  get prediction(): Prediction | undefined {
    return this.#prediction;
  }

  /** The class that is looked at; null for all. */
  set highlighted(id: number | null) {
    this.#highlighted = id;
    this.#paint();
  }

  /** Whether a mask is being made. */
  set isWorking(value: boolean) {
    this.#working.hidden = !value;
  }

  /** Shows a picture, with its mask if that is known. */
  show(picture: ImageBitmap, name: string, prediction?: Prediction): void {
    // What is hidden loses the focus; this button does the same.
    if (document.activeElement === this.#drop) this.#choose.focus();
    this.#result.hidden = this.#strength.hidden = false;
    this.#drop.hidden = this.#pointed.hidden = true;
    this.#picture.setAttribute("aria-label", name);
    fit(this.#picture, picture);
    this.#layers.style.setProperty("--ratio", String(picture.width / picture.height));
    this.#picture.getContext("2d")!.drawImage(picture, 0, 0);
    this.#prediction = prediction;
    this.#paint();
  }

  /** A copy of the picture that is there. */
  copy(): Promise<ImageBitmap> {
    return createImageBitmap(this.#picture);
  }

  /** Shows the mask of the picture that is there. */
  add(prediction: Prediction): void {
    this.#prediction = prediction;
    this.#paint();
  }

  /** Picture and mask in one, as a PNG. */
  async overlay(): Promise<Blob> {
    const canvas = new OffscreenCanvas(this.#picture.width, this.#picture.height);
    const context = canvas.getContext("2d")!;
    context.drawImage(this.#picture, 0, 0);
    context.globalAlpha = Number(this.#mask.style.opacity);
    context.drawImage(this.#mask, 0, 0);
    return canvas.convertToBlob({ type: "image/png" });
  }

  #paint(): void {
    fit(this.#mask, this.#prediction ?? this.#picture);
    const context = this.#mask.getContext("2d")!;
    if (!this.#prediction) return context.clearRect(0, 0, this.#mask.width, this.#mask.height);
    const { ids, height, width } = this.#prediction;
    const strengths = this.#look.names.map((_, id) =>
      this.#highlighted === null || this.#highlighted === id ? 1 : faint,
    );
    context.putImageData(new ImageData(maskPixels(ids, this.#look.colors, strengths), width, height), 0, 0);
  }

  /** Tells what is under the pointer. */
  #point({ clientX, clientY }: PointerEvent): void {
    const { left, top, width: shownWidth, height: shownHeight } = this.#layers.getBoundingClientRect();
    const [x, y] = [(clientX - left) / shownWidth, (clientY - top) / shownHeight];
    const { ids, height, width } = this.#prediction ?? { ids: [], height: 0, width: 0 };
    const id = ids[Math.floor(y * height) * width + Math.floor(x * width)];
    this.#pointed.hidden = id === undefined;
    if (id === undefined) return;
    this.#pointed.textContent = this.#look.names[id] ?? String(id);
    this.#pointed.classList.toggle("left", x > 0.7);
    this.#pointed.style.translate = `${clientX - left}px ${clientY - top}px`;
  }
}

/** Gives a canvas a size, which empties it. */
function fit(canvas: HTMLCanvasElement, { height, width }: { readonly height: number; readonly width: number }): void {
  if (canvas.height !== height || canvas.width !== width) Object.assign(canvas, { height, width });
}
