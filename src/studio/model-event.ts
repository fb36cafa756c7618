const type = "segkit:model";

/** Told to the window when there is another model to predict with: an exported file. */
export class ModelEvent extends CustomEvent<Uint8Array> {
  constructor(model: Uint8Array) {
    super(type, { detail: model });
  }
}

/** Calls back with every model that is to be predicted with from then on. */
export function onModel(take: (model: Uint8Array) => void): void {
  addEventListener(type, (event) => take((event as ModelEvent).detail));
}
