import { z } from "zod";
import { ConfigError } from "../../util/errors.ts";
import { optionName } from "../arguments.ts";
import { type CommandContext, defineCommand } from "../command.ts";
import { fetchData } from "../data-source.ts";
import * as fields from "../fields.ts";
import { trainOptions } from "../train-options.ts";
import { checkData } from "./data-check.ts";
import { showData } from "./data-show.ts";

const { maskDiv, maskMap, maskColours, ignoreIndex, size, transforms, seed } = trainOptions.shape;

const downloadOptions = {
  dest: fields
    .text("DIR")
    .optional()
    .describe("folder that the dataset's own comes into; default segkit's data folder"),
  force: z.boolean().default(false).describe("download and unpack anew what is there already"),
};

const checkOptions = {
  report: fields.text("FILE").optional().describe("write what was found as one HTML file, with plots and pictures"),
  workers: fields.integer(0).optional().describe("threads that read pictures; default one a core, at most 8"),
  allowOutside: z.boolean().default(false).describe("let a data.yaml name folders outside its own"),
  ...{ maskDiv, maskMap, maskColours, ignoreIndex },
};

const showOptions = {
  out: fields.text("FILE").default("batch.png").describe("what show draws, .png or .svg"),
  rows: fields.integer(1).default(4).describe("rows and columns of pictures that show draws"),
  list: fields.word(["train", "valid"]).default("train").describe("which pictures show draws"),
  theme: fields.theme(),
  ...{ size, transforms, seed: seed.describe("decides the order of the pictures and the random transforms") },
  ...{ maskDiv, maskMap, maskColours, ignoreIndex },
};

const options = z.object({ ...downloadOptions, ...checkOptions, ...showOptions });

type Context = CommandContext<typeof options>;

interface Action {
  /** The options it has. */
  readonly options: object;
  /** What stands for the dataset in hints. */
  readonly placeholder: string;
  run(source: string, context: Context): Promise<void>;
}

/** What can be done with datasets, by the word after `data`. */
const actions = {
  download: {
    options: downloadOptions,
    placeholder: "NAME",
    async run(source, { options: { dest, force }, output, signal }) {
      const folder = await fetchData(source, { output, signal }, { forceDownload: force, ...(dest ? { dest } : {}) });
      output.line(folder);
      output.event("data", { source, folder });
    },
  },
  check: {
    options: checkOptions,
    placeholder: "FOLDER",
    run: (source, { options: { report, workers, ...masks }, output, signal }) =>
      checkData(
        source,
        { ...masks, ...(report === undefined ? {} : { report }), ...(workers === undefined ? {} : { workers }) },
        { output, signal },
      ),
  },
  show: {
    options: showOptions,
    placeholder: "FOLDER",
    run: (source, { options: shown, output, signal }) => showData(source, shown, { output, signal }),
  },
} satisfies Record<string, Action>;

const names = Object.keys(actions) as (keyof typeof actions)[];
const usageOf = (name: keyof typeof actions): string => `segkit data ${name} ${actions[name].placeholder}`;

export const data = defineCommand({
  name: "data",
  summary: "download a dataset; find out what is wrong with one; see it as it is trained on",
  usage:
    "download camvid|camvid-tiny|URL|ARCHIVE [--dest DIR] [--force]\n  segkit data check FOLDER|YAML|camvid [--report FILE.html] [--mask-div] …\n  segkit data show streets|FOLDER [--transforms fastai] [--out FILE.png] …",
  options,
  async run(context) {
    const [name, ...words] = context.positionals;
    if (name === undefined || !Object.hasOwn(actions, name))
      throw new ConfigError(`data: expected one of ${names.join(", ")}, but received ${name ?? "nothing"}`, {
        hint: `Write ${names.map(usageOf).join(" or ")}.`,
      });
    const action: Action = actions[name as keyof typeof actions];
    const foreign = [...context.given].find((key) => !Object.hasOwn(action.options, key));
    if (foreign !== undefined)
      throw new ConfigError(`data ${name}: ${optionName(foreign)} is no option of it`, {
        hint: `It has: ${Object.keys(action.options).map(optionName).join(", ")}.`,
      });
    if (words.length !== 1)
      throw new ConfigError(`data ${name}: expected one dataset, but received ${words.join(" ") || "none"}`, {
        hint: `Write ${usageOf(name as keyof typeof actions)}.`,
      });
    await action.run(words[0]!, context);
  },
});
