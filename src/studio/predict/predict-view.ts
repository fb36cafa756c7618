import type { SiteInfo } from "../../serve/demo/site-info.ts";
import type { ModelSpec } from "../../inference/model-spec.ts";
import { find } from "../dom.ts";
import { onModel } from "../model-event.ts";
import { whenKept } from "../offline.ts";
import { announce, clearError, showError } from "../say.ts";
import { wantedBackend } from "../wanted-backend.ts";
import { Camera } from "./camera.ts";
import { summary } from "./format.ts";
import { Legend } from "./legend.ts";
import { takePictures } from "./picture-input.ts";
import { type ModelSource, PredictorClient } from "./predictor-client.ts";
import { readPicture } from "./read-picture.ts";
import { offerPictures } from "./samples.ts";
import { Saving } from "./saving.ts";
import { Stage } from "./stage.ts";
import { Status } from "./status.ts";

/** How often the classes of moving pictures change places, in milliseconds. */
const settled = 2000;

/** Fills the part of the page that predicts. */
export async function mountPredict(root: HTMLElement, site: SiteInfo): Promise<void> {
  await new PredictView(root, site).start();
}

class PredictView {
  readonly #root: HTMLElement;
  readonly #site: SiteInfo;
  readonly #stage: Stage;
  readonly #legend: Legend;
  readonly #status: Status;
  readonly #saving: Saving;
  readonly #client: PredictorClient;
  readonly #camera = new Camera();
  /** The picture that is shown and waits for its mask: a later one takes its place. */
  #waiting: { readonly picture: ImageBitmap; readonly name: string } | undefined;
  #isReady = false;
  /** Resolves when the model that was asked for last is there, or failed. */
  #loaded: Promise<void> = Promise.resolve();
  #sorted = 0;

  constructor(root: HTMLElement, site: SiteInfo) {
    [this.#root, this.#site] = [root, site];
    this.#stage = new Stage(root);
    this.#saving = new Saving(root, this.#stage);
    this.#status = new Status(root);
    this.#legend = new Legend(root, (id) => (this.#stage.highlighted = id));
    this.#client = new PredictorClient({
      onProgress: (loaded) => this.#status.progress(loaded),
      onDevice: (device) => (this.#status.device = device),
    });
  }

  async start(): Promise<void> {
    const take = (file: Blob, name: string): void => void this.#take(file, name);
    takePictures(this.#root, take);
    offerPictures(find(this.#root, ".samples"), this.#site.pictures, take);
    find(this.#root, "button.camera").addEventListener("click", () => void this.#toggleCamera());
    onModel((model) => void this.#exchange(model));
    const { path, bytes } = this.#site.model;
    await this.#load({ url: new URL(path, document.baseURI).href, bytes });
    if (this.#isReady && (await whenKept())) find(document, "#offline").textContent = "Works offline from now on.";
  }

  /** Loads a model when the one before is loaded and nothing is predicted. */
  #load(source: Omit<ModelSource, "backend">): Promise<void> {
    this.#loaded = this.#loaded.then(async () => {
      this.#isReady = false;
      await this.#client.whenIdle();
      this.#status.loading(source.bytes);
      try {
        this.#present(await this.#client.load({ ...source, backend: wantedBackend() }));
      } catch (error) {
        this.#status.failed();
        showError(error);
      }
    });
    return this.#loaded;
  }

  /** Predicts with another model from now on, also the picture that is shown. */
  async #exchange(model: Uint8Array): Promise<void> {
    // It stays: a model is read once more where the GPU is lost.
    const url = URL.createObjectURL(new Blob([model.slice()]));
    await this.#load({ url, bytes: model.length });
    if (!this.#stage.prediction || this.#waiting || this.#camera.isOn) return;
    this.#waiting = { picture: await this.#stage.copy(), name: this.#saving.name };
    void this.#predict();
  }

  #present(spec: ModelSpec): void {
    const look = { names: spec.names, colors: spec.colors };
    [this.#stage.look, this.#legend.look] = [look, look];
    const [height, width] = spec.resize.size;
    find(document, "#about").textContent = `${spec.names.length} classes, trained at ${height} × ${width}`;
    this.#status.ready();
    this.#isReady = true;
    announce("The model is ready.");
    void this.#predict();
  }

  async #take(file: Blob, name: string): Promise<void> {
    this.#camera.stop();
    clearError();
    try {
      const picture = await readPicture(file, name);
      this.#stage.show(picture, name);
      this.#saving.isPossible = false;
      this.#waiting?.picture.close();
      this.#waiting = { picture, name };
      await this.#predict();
    } catch (error) {
      showError(error);
    }
  }

  /** Predicts the picture that waits, if there is one and the worker is free; then the next. */
  async #predict(): Promise<void> {
    if (!this.#isReady || this.#client.isBusy || !this.#waiting) return;
    const { picture, name } = this.#waiting;
    this.#waiting = undefined;
    this.#stage.isWorking = true;
    this.#status.working();
    try {
      const prediction = await this.#client.predict(picture);
      // Another one is on the stage by now.
      if (this.#waiting || this.#camera.isOn) return;
      this.#stage.add(prediction);
      this.#legend.show(prediction.classes);
      this.#status.prediction = prediction;
      this.#saving.name = name;
      this.#saving.isPossible = true;
      announce(summary(prediction.classes, prediction.milliseconds));
    } catch (error) {
      showError(error);
    } finally {
      this.#stage.isWorking = false;
      void this.#predict();
    }
  }

  async #toggleCamera(): Promise<void> {
    if (this.#camera.isOn) return this.#camera.stop();
    clearError();
    const button = find(this.#root, "button.camera");
    button.setAttribute("aria-pressed", "true");
    button.textContent = "Stop camera";
    try {
      await this.#camera.run((frame) => this.#live(frame));
    } catch (error) {
      showError(error);
    } finally {
      button.setAttribute("aria-pressed", "false");
      button.textContent = "Start camera";
      this.#status.isLive = false;
    }
  }

  /** A frame of the camera, shown together with its mask. */
  async #live(frame: ImageBitmap): Promise<void> {
    try {
      // Nobody sees it.
      if (this.#root.hidden) return this.#camera.stop();
      if (!this.#isReady || this.#client.isBusy) return this.#stage.show(frame, "the camera");
      const prediction = await this.#client.predict(await createImageBitmap(frame));
      if (!this.#camera.isOn) return;
      this.#stage.show(frame, "the camera", prediction);
      const sorts = performance.now() - this.#sorted > settled;
      if (sorts) this.#sorted = performance.now();
      this.#legend.show(prediction.classes, sorts);
      this.#status.isLive = true;
      this.#status.prediction = prediction;
      this.#saving.name = "camera";
      this.#saving.isPossible = true;
    } finally {
      frame.close();
    }
  }
}
