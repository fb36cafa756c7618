import type { LabelledImage } from "../../data/memory-data.ts";
import { paletteFor } from "../../data/palette.ts";
import { drawStreet, streetsClasses } from "../../data/streets/streets.ts";
import { nextTask } from "../../util/next-task.ts";
import { Random } from "../../util/random.ts";
import type { ShownScenes, TrainingSettings } from "./protocol.ts";
import { recipe } from "./recipe.ts";

export const voidIndex = streetsClasses.indexOf("Void");
export const palette = paletteFor(streetsClasses, voidIndex);

/** A scene of its number: the first ones validate. */
function drawScene({ height, width, seed }: TrainingSettings, number: number): LabelledImage {
  const { image, mask } = drawStreet(new Random(seed).split("scene", number), { height, width });
  return { image: { height, width, data: image }, mask: { height, width, data: mask } };
}

/** The scenes that are shown, which are the first that validate. */
export function shownScenes(settings: TrainingSettings): LabelledImage[] {
  return Array.from({ length: recipe.shownScenes }, (_, number) => drawScene(settings, number));
}

/** Draws all scenes of a training. Between two of them, the thread hears its messages. Throws the signal's reason. */
export async function drawScenes(
  settings: TrainingSettings,
  { onProgress, signal }: { readonly onProgress: (done: number, total: number) => void; readonly signal: AbortSignal },
): Promise<{ readonly train: LabelledImage[]; readonly valid: LabelledImage[] }> {
  const { trainScenes, validScenes } = recipe;
  const total = trainScenes + validScenes;
  const scenes: LabelledImage[] = [];
  while (scenes.length < total) {
    scenes.push(drawScene(settings, scenes.length));
    onProgress(scenes.length, total);
    await nextTask();
    signal.throwIfAborted();
  }
  return { valid: scenes.slice(0, validScenes), train: scenes.slice(validScenes) };
}

/** Scenes as the page shows them. */
export function toShow(scenes: readonly LabelledImage[]): ShownScenes {
  const { height, width } = scenes[0]!.image;
  return {
    ...{ height, width, names: streetsClasses, colors: palette, voidIndex },
    pictures: scenes.map(({ image }) => image.data),
    truths: scenes.map(({ mask }) => mask.data),
  };
}
