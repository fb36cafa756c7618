import type { ModelCard } from "../../inference/card.ts";
import { type Html, html } from "../html.ts";
import type { Section } from "../section.ts";
import type { RunReport } from "../run-report.ts";

/** How to use the model, in the shell and in a program. */
export function usage({ path, card }: RunReport): Section {
  const body = path === null ? ofLearner() : ofRun(path, card);
  return { id: "use", title: "How to use the model", body };
}

function ofRun(path: string, card: ModelCard): Html {
  const run = quoted(path);
  const shell = `segkit predict ${run} photo.jpg --out masks     # a mask and an overlay for every picture
segkit predict ${run} photos/ --out masks --tta
segkit validate ${run}                          # scores on the validation pictures
segkit train --pretrained ${quoted(`${path}/weights/best.safetensors`)} --encoder ${card.architecture.encoder} --data FOLDER`;
  return html`<h3>In a shell</h3>
    <pre tabindex="0"><code>${shell}</code></pre>
    ${inProgram(`${path}/weights/best.safetensors`)}`;
}

function ofLearner(): Html {
  const file = "model.safetensors";
  const learner = `await saveLearner(learner, ${JSON.stringify(file)}); // weights with classes, colours and size
await learner.export("model.onnx"); // one ONNX file for any size`;
  return html`<h3>From the learner</h3>
    <pre tabindex="0"><code>${learner}</code></pre>
    ${inProgram(file)}`;
}

function inProgram(weights: string): Html {
  const program = `import { decodeImage, openRuntime, Predictor, readWeights, writeMask } from "segkit";

const { card, state } = await readWeights(${JSON.stringify(weights)});
const predictor = new Predictor(await openRuntime(), card, state);
const mask = await predictor.predict(await decodeImage("photo.jpg"));
await writeMask("mask.png", mask, card.palette);
await predictor.release();`;
  return html`<h3>In a program</h3>
    <pre tabindex="0"><code>${program}</code></pre>
    <p class="quiet">
      The weights are safetensors under PyTorch's names; classes, colours, size and statistics are in the file.
    </p>`;
}

/** A path as it can be pasted into a shell. */
function quoted(path: string): string {
  return /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
