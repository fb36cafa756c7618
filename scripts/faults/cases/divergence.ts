import { readWeights } from "../../../src/inference/weights.node.ts";
import type { Fault } from "../fault.ts";
import { placeOf } from "../run-state.ts";
import { refusal, saysWhatIsSafe } from "../promises.ts";

export const divergence: Fault = {
  title: "a learning rate at which the loss becomes NaN",
  promise: "back to the last good checkpoint with a lower rate, then exit code 5; a good checkpoint stays",
  async tries(laboratory) {
    const broken: string[] = [];
    const rates = ["1e20", "1e12", "1e30"];
    for (const rate of rates) {
      const run = laboratory.name();
      const ended = await laboratory.train(run, {}, ["--lr", rate, "--ema", "0.5"]);
      const wrong = refusal(
        ended,
        5,
        /back to epoch \d+, batch \d+ .* with a tenth of the learning rate/,
        saysWhatIsSafe,
      );
      if ((await placeOf(laboratory.path(run))) === null) wrong.push("there is no checkpoint left");
      const best = await readWeights(laboratory.path(run, "weights", "best.safetensors")).catch(() => null);
      for (const [name, { data }] of best?.state ?? [])
        if (!data.every(Number.isFinite)) wrong.push(`${name} of the best weights is not finite`);
      broken.push(...wrong.map((text) => `${rate}: ${text}`));
      await laboratory.remove(run);
    }
    return { tries: rates.length, broken, outcome: "" };
  },
};
