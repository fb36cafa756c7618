import { SegkitError } from "../../util/errors.ts";
import { find } from "../dom.ts";
import { deviceName, percent } from "../predict/format.ts";
import { save } from "../save.ts";
import { announce, clearError, showError } from "../say.ts";
import { showView } from "../tabs.ts";
import { ModelEvent } from "../model-event.ts";
import { Actions } from "./actions.ts";
import { EpochTable } from "./epoch-table.ts";
import { LossChart } from "./loss-chart.ts";
import type { EpochRow, Standing, TrainingEvent, TrainingSettings } from "./protocol.ts";
import { SceneGallery } from "./scene-gallery.ts";
import { SettingsForm } from "./settings-form.ts";
import { Tempo } from "./tempo.ts";
import { TrainingClient } from "./training-client.ts";
import { TrainingStatus } from "./training-status.ts";

/** Fills the part of the page that trains. */
export function mountTraining(root: HTMLElement): void {
  new TrainingView(root).start();
}

type Handlers = { readonly [Kind in TrainingEvent["kind"]]: (event: Extract<TrainingEvent, { kind: Kind }>) => void };

class TrainingView {
  readonly #form: SettingsForm;
  readonly #actions: Actions;
  readonly #status: TrainingStatus;
  readonly #chart: LossChart;
  readonly #table: EpochTable;
  readonly #gallery: SceneGallery;
  readonly #client: TrainingClient;
  /** The training as far as it has come; null before there is one. */
  #standing: { settings: TrainingSettings; losses: number[]; epochs: EpochRow[]; stepsPerEpoch: number } | null = null;
  #tempo = new Tempo();
  /** The exported file, until it is trained on. */
  #model: Uint8Array | undefined;
  /** What is to be done with the file when it is there. */
  #use: (model: Uint8Array) => void = () => {};

  constructor(root: HTMLElement) {
    this.#form = new SettingsForm(root, (settings) => this.#begin(settings));
    this.#actions = new Actions(root, {
      stop: () => this.#halt(),
      resume: () => this.#resume(),
      download: () => this.#withModel((model) => save(new Blob([model.slice()]), "streets.onnx")),
      handOver: () =>
        this.#withModel((model) => {
          showView("predict");
          dispatchEvent(new ModelEvent(model));
        }),
    });
    this.#status = new TrainingStatus(root);
    this.#chart = new LossChart(root);
    this.#table = new EpochTable(root);
    this.#gallery = new SceneGallery(root);
    this.#client = new TrainingClient((event) => (this.#handlers[event.kind] as (event: TrainingEvent) => void)(event));
    find(root, ".training").hidden = false;
  }

  start(): void {
    this.#busy("Looking for a training that can go on");
    this.#client.ask({ kind: "recall", settings: this.#form.settings });
  }

  readonly #handlers: Handlers = {
    scenes: ({ scenes }) => (this.#gallery.scenes = scenes),
    drawing: ({ done, total }) => {
      if (done < total) this.#status.show("Drawing scenes", `${done} of ${total}`, done / total);
      else this.#status.show("Making the network ready");
    },
    began: ({ standing, device, reason }) => {
      this.#status.device(deviceName(device), reason);
      this.#stand(standing);
    },
    step: ({ loss }) => {
      this.#standing!.losses.push(loss);
      this.#tempo.step(performance.now());
      this.#draw();
      this.#tellSteps();
    },
    predictions: ({ masks }) => (this.#gallery.masks = masks),
    epoch: ({ row }) => {
      this.#standing!.epochs.push(row);
      this.#table.show(this.#standing!.epochs);
      this.#draw();
      const { epochs } = this.#standing!.settings;
      announce(`Epoch ${row.epoch} of ${epochs}: accuracy ${percent(row.accuracy)}, mean IoU ${percent(row.meanIou)}.`);
    },
    rests: ({ standing }) => this.#rest(standing),
    model: ({ bytes }) => {
      this.#model = bytes;
      this.#use(bytes);
    },
    error: ({ message, hint }) => showError(new SegkitError(message, hint === undefined ? {} : { hint })),
  };

  #begin(settings: TrainingSettings): void {
    clearError();
    this.#stand(null);
    this.#busy("Drawing scenes");
    this.#train({ kind: "start", settings, backend: this.#form.backend });
  }

  #resume(): void {
    clearError();
    this.#busy("Going on");
    this.#train({ kind: "resume", backend: this.#form.backend });
  }

  #train(request: Parameters<TrainingClient["ask"]>[0]): void {
    this.#model = undefined;
    this.#tempo = new Tempo();
    this.#actions.show(["stop"]);
    this.#client.ask(request);
  }

  #halt(): void {
    this.#actions.show([]);
    this.#status.show("Stopping after this step");
    announce("Stopping.");
    this.#client.ask({ kind: "stop" });
  }

  #withModel(use: (model: Uint8Array) => void): void {
    if (this.#model) return use(this.#model);
    this.#use = use;
    this.#busy("Writing the model", "It is compared with the network at several sizes.");
    this.#client.ask({ kind: "export", backend: this.#form.backend });
  }

  #busy(headline: string, detail = ""): void {
    this.#actions.show([]);
    this.#form.isEnabled = false;
    this.#status.show(headline, detail);
  }

  /** Nothing is going on: what stands can go on, or be used. */
  #rest(standing: Standing | null): void {
    this.#stand(standing);
    this.#form.isEnabled = true;
    if (!standing) {
      this.#actions.show(["start"]);
      return this.#status.show("Ready");
    }
    this.#form.settings = standing.settings;
    const { epochs, settings, losses } = standing;
    const last = epochs.at(-1);
    const isDone = epochs.length >= settings.epochs;
    const result = last ? `accuracy ${percent(last.accuracy)}, mean IoU ${percent(last.meanIou)}` : "";
    const headline = isDone ? "Trained" : `Stopped in epoch ${epochs.length + 1} of ${settings.epochs}`;
    this.#status.show(headline, result, isDone ? null : losses.length / this.#steps);
    this.#actions.show([isDone ? "handOver" : "resume", "download", "handOver", "again"]);
    announce(`${headline}. ${result}`);
  }

  #stand(standing: Standing | null): void {
    this.#standing = standing && { ...standing, losses: [...standing.losses], epochs: [...standing.epochs] };
    this.#table.show(standing?.epochs ?? []);
    this.#draw();
  }

  #draw(): void {
    const { losses = [], epochs = [], stepsPerEpoch = 1 } = this.#standing ?? {};
    const totalEpochs = this.#standing?.settings.epochs ?? this.#form.settings.epochs;
    this.#chart.show({ losses, epochs, stepsPerEpoch, totalEpochs });
  }

  #tellSteps(): void {
    const { losses, stepsPerEpoch, settings } = this.#standing!;
    const epoch = Math.ceil(losses.length / stepsPerEpoch);
    const detail = this.#tempo.text(this.#steps - losses.length);
    this.#status.show(`Epoch ${epoch} of ${settings.epochs}`, detail, losses.length / this.#steps);
  }

  /** Steps of the whole training. */
  get #steps(): number {
    const { settings, stepsPerEpoch } = this.#standing!;
    return settings.epochs * stepsPerEpoch;
  }
}
