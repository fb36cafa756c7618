import { z } from "zod";
import { ConfigError } from "../../util/errors.ts";
import { type CommandContext, defineCommand } from "../command.ts";
import { fetchData } from "../data-source.ts";
import * as fields from "../fields.ts";

const options = z.object({
  dest: fields
    .text("DIR")
    .optional()
    .describe("folder that the dataset's own comes into; default segkit's data folder"),
  force: z.boolean().default(false).describe("download and unpack anew what is there already"),
});

type Context = CommandContext<typeof options>;

/** What can be done with datasets, by the word after `data`. */
const actions = {
  async download({ options: { dest, force }, positionals, output, signal }: Context): Promise<void> {
    const source = positionals[1]!;
    const folder = await fetchData(source, { output, signal }, { forceDownload: force, ...(dest ? { dest } : {}) });
    output.line(folder);
    output.event("data", { source, folder });
  },
} satisfies Record<string, (context: Context) => Promise<void>>;

export const data = defineCommand({
  name: "data",
  summary: "download and unpack a dataset",
  usage: "download camvid|camvid-tiny|URL|ARCHIVE [--dest DIR] [--force]",
  options,
  async run(context) {
    const [action, ...words] = context.positionals;
    if (action === undefined || !Object.hasOwn(actions, action))
      throw new ConfigError(
        `data: expected ${Object.keys(actions).join(" or ")}, but received ${action ?? "nothing"}`,
        { hint: "Write segkit data download NAME." },
      );
    if (words.length !== 1)
      throw new ConfigError(`data ${action}: expected one dataset, but received ${words.join(" ") || "none"}`, {
        hint: `Write segkit data ${action} NAME.`,
      });
    await actions[action as keyof typeof actions](context);
  },
});
