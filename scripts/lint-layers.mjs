// Writes the layer rules of .oxlintrc.json from the ladder below: `node scripts/lint-layers.mjs`.
import { readFileSync, writeFileSync } from "node:fs";

/** From the top down; folders of one step do not import each other. */
const ladder = [
  ["cli", "studio"],
  ["report", "serve"],
  ["train"],
  ["export"],
  ["inference"],
  ["data"],
  ["models", "losses", "metrics", "optim"],
  ["nn"],
  ["runtime"],
  ["onnx"],
  ["graph", "plots"],
  ["util"],
];

const overrides = ladder.flatMap((step, i) =>
  step.map((folder) => {
    const forbidden = [...ladder.slice(0, i).flat(), ...step.filter((other) => other !== folder)];
    const message = `${folder} may import only from its own folder and: ${
      ladder
        .slice(i + 1)
        .flat()
        .join(", ") || "nothing"
    }.`;
    const group = forbidden.map((other) => `**/${other}/**`);
    return {
      files: [`src/${folder}/**`],
      rules: { "no-restricted-imports": ["error", { patterns: [{ group, message }] }] },
    };
  }),
);

const file = new URL("../.oxlintrc.json", import.meta.url);
const config = JSON.parse(readFileSync(file, "utf8"));
writeFileSync(file, `${JSON.stringify({ ...config, overrides }, null, 2)}\n`);
