import { z } from "zod";
import { streetsVersion } from "../../data/streets/streets.ts";
import { type Checkpoint, type CheckpointParts, decodeCheckpoint, encodeCheckpoint } from "../../train/checkpoint.ts";
import type { Host } from "../../train/host.ts";
import { encodeUtf8, decodeUtf8 } from "../../util/utf8.ts";
import type { TrainingSettings } from "./protocol.ts";
import { architecture, recipe } from "./recipe.ts";

/** A training that can go on, after a reload of the page too. */
export interface KeptTraining {
  readonly settings: TrainingSettings;
  readonly losses: readonly number[];
  readonly checkpoint: Checkpoint;
}

const [recordFile, checkpointFile] = ["training.json", "training.ckpt"];

const whole = z.int().min(0);
const recordSchema = z.object({
  settings: z.object({ height: whole, width: whole, epochs: whole, seed: whole }),
  losses: z.array(z.number()),
});

/** What a checkpoint belongs to: with another one, it cannot go on. */
function fingerprint(settings: TrainingSettings): string {
  return JSON.stringify({ streetsVersion, architecture, recipe, settings });
}

/** Keeps a training as it stands, in the place of the one before. Throws a ResourceError where there is no room. */
export async function keepTraining(
  host: Host,
  { settings, losses }: Pick<KeptTraining, "settings" | "losses">,
  checkpoint: CheckpointParts,
): Promise<void> {
  await host.write(recordFile, encodeUtf8(JSON.stringify({ settings, losses })));
  await host.write(checkpointFile, encodeCheckpoint({ ...checkpoint, data: fingerprint(settings) }));
}

/** The training that is kept; null where there is none, or none that this page can continue. */
export async function recallTraining(host: Host): Promise<KeptTraining | null> {
  try {
    if (!(await host.exists(checkpointFile))) return null;
    const { settings, losses } = recordSchema.parse(JSON.parse(decodeUtf8(await host.read(recordFile))));
    const checkpoint = decodeCheckpoint(await host.read(checkpointFile));
    if (checkpoint.data !== fingerprint(settings)) return null;
    return { settings, losses: losses.slice(0, stepsOf(checkpoint.position)), checkpoint };
  } catch {
    return null;
  }
}

/** Steps of an epoch. */
export const stepsPerEpoch = Math.floor(recipe.trainScenes / recipe.batchSize);

/** Steps until a place in a fit. */
export function stepsOf({ epoch, batch }: { readonly epoch: number; readonly batch: number }): number {
  return epoch * stepsPerEpoch + batch;
}
