import type { SiteInfo, SitePicture } from "../../serve/demo/site-info.ts";
import { encodeMaskPng } from "../../data/mask-png.ts";
import { messageOf, SegkitError } from "../../util/errors.ts";
import { element, find } from "../dom.ts";
import { announce, clearError, showError } from "../say.ts";
import { Camera } from "./camera.ts";
import { save } from "./save.ts";
import { summary } from "./format.ts";
import { Legend } from "./legend.ts";
import { takePictures } from "./picture-input.ts";
import { PredictorClient } from "./predictor-client.ts";
import type { Prediction } from "./protocol.ts";
import { Stage } from "./stage.ts";
import { Status } from "./status.ts";

/** Fills the part of the page that predicts. */
export async function mountPredict(root: HTMLElement, site: SiteInfo, isKept: boolean): Promise<void> {
  await new PredictView(root, site).start(isKept);
}

class PredictView {
  readonly #root: HTMLElement;
  readonly #site: SiteInfo;
  readonly #stage: Stage;
  readonly #legend: Legend;
  readonly #status: Status;
  readonly #client: PredictorClient;
  readonly #camera = new Camera();
  /** The picture that is shown next, when the worker is free: a later one takes its place. */
  #next: { readonly picture: ImageBitmap; readonly name: string } | undefined;
  #name = "picture";
  #isReady = false;

  constructor(root: HTMLElement, site: SiteInfo) {
    [this.#root, this.#site] = [root, site];
    this.#stage = new Stage(root);
    this.#status = new Status(root, site.model.bytes);
    this.#legend = new Legend(find(root, ".legend"), (id) => (this.#stage.highlighted = id));
    this.#client = new PredictorClient({
      onProgress: (loaded) => this.#status.progress(loaded),
      onDevice: (device) => (this.#status.device = device),
    });
  }

  async start(isKept: boolean): Promise<void> {
    this.#listen();
    this.#offer(this.#site.pictures);
    try {
      const { path, bytes } = this.#site.model;
      const spec = await this.#client.load({ url: new URL(path, document.baseURI).href, bytes, backend: "auto" });
      const look = { names: spec.names, colors: spec.colors };
      [this.#stage.look, this.#legend.look] = [look, look];
      const [height, width] = spec.resize.size;
      find(document, "#about").textContent = `${spec.names.length} classes, trained at ${height} × ${width}`;
      this.#isReady = true;
      this.#status.ready();
      find(document, "#offline").textContent = isKept ? "Works offline from now on." : "";
      announce("The model is ready.");
      await this.#work();
    } catch (error) {
      this.#status.failed();
      tell(error);
    }
  }

  #listen(): void {
    takePictures(this.#root, (file) => void this.#take(file, file.name));
    const strength = find(this.#root, ".strength input", HTMLInputElement);
    const apply = (): void => void (this.#stage.strength = Number(strength.value) / 100);
    strength.addEventListener("input", apply);
    apply();
    find(this.#root, "button.camera").addEventListener("click", () => void this.#toggleCamera());
    find(this.#root, ".save-mask").addEventListener("click", () => this.#saveMask());
    find(this.#root, ".save-overlay").addEventListener("click", () => void this.#saveOverlay());
  }

  /** Shows buttons for pictures to try. */
  #offer(pictures: readonly SitePicture[]): void {
    const group = find(this.#root, ".samples");
    group.hidden = pictures.length === 0;
    group.append(
      ...pictures.map(({ path, name }) => {
        const image = element("img", { src: path, alt: name, loading: "lazy" });
        const button = element("button", { type: "button" }, image);
        button.addEventListener("click", () => void this.#fetch(path, name));
        return button;
      }),
    );
  }

  async #fetch(path: string, name: string): Promise<void> {
    try {
      const response = await fetch(path);
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
      await this.#take(await response.blob(), name);
    } catch (error) {
      showError({ message: `The picture cannot be loaded: ${messageOf(error)}` });
    }
  }

  async #take(file: Blob, name: string): Promise<void> {
    this.#camera.stop();
    clearError();
    try {
      const picture = await createImageBitmap(file);
      this.#show(picture, name);
    } catch {
      showError({ message: `${name} is no picture that this browser can read.`, hint: "Try a JPEG or a PNG." });
    }
  }

  #show(picture: ImageBitmap, name: string): void {
    this.#stage.show(picture);
    this.#next?.picture.close();
    this.#next = { picture, name };
    this.#setSaving(false);
    void this.#work();
  }

  /** Predicts what waits, if anything does and the worker is free. */
  async #work(): Promise<void> {
    if (!this.#isReady || this.#client.isBusy || !this.#next) return;
    const { picture, name } = this.#next;
    this.#next = undefined;
    find(this.#root, ".working").hidden = false;
    try {
      const prediction = await this.#client.predict(picture);
      if (!this.#next) this.#present(prediction, name);
    } catch (error) {
      tell(error);
    } finally {
      find(this.#root, ".working").hidden = true;
    }
    await this.#work();
  }

  #present(prediction: Prediction, name: string): void {
    this.#name = name.replace(/\.\w+$/, "");
    this.#stage.add(prediction);
    this.#tell(prediction);
    announce(summary(prediction.classes, prediction.milliseconds));
  }

  #tell(prediction: Prediction): void {
    this.#legend.show(prediction.classes);
    this.#status.prediction = prediction;
    this.#setSaving(true);
  }

  async #toggleCamera(): Promise<void> {
    if (this.#camera.isOn) return this.#camera.stop();
    clearError();
    const button = find(this.#root, "button.camera");
    try {
      button.setAttribute("aria-pressed", "true");
      button.textContent = "Stop camera";
      await this.#camera.run((frame) => this.#live(frame));
    } catch (error) {
      tell(error);
    } finally {
      button.setAttribute("aria-pressed", "false");
      button.textContent = "Start camera";
    }
  }

  /** A frame of the camera, shown together with its mask. */
  async #live(frame: ImageBitmap): Promise<void> {
    try {
      if (!this.#isReady || this.#client.isBusy) return this.#stage.show(frame);
      const prediction = await this.#client.predict(await createImageBitmap(frame));
      if (!this.#camera.isOn) return;
      this.#name = "camera";
      this.#stage.show(frame, prediction);
      this.#tell(prediction);
    } finally {
      frame.close();
    }
  }

  #setSaving(isPossible: boolean): void {
    for (const button of this.#root.querySelectorAll<HTMLButtonElement>(".saves button")) button.disabled = !isPossible;
  }

  #saveMask(): void {
    const { prediction, look } = this.#stage;
    if (!prediction) return;
    const { ids: data, height, width } = prediction;
    save(
      new Blob([encodeMaskPng({ data, height, width }, look.colors) as Uint8Array<ArrayBuffer>]),
      `${this.#name}-mask.png`,
    );
  }

  async #saveOverlay(): Promise<void> {
    save(await this.#stage.overlay(), `${this.#name}-overlay.png`);
  }
}

function tell(error: unknown): void {
  showError({ message: messageOf(error), hint: error instanceof SegkitError ? error.hint : undefined });
}
