import { z } from "zod";
import { isLoopback } from "../../serve/hosts.node.ts";
import { ConfigError } from "../../util/errors.ts";
import { aborted } from "../aborted.ts";
import { type CommandIo, defineCommand } from "../command.ts";
import { demoModel } from "../demo-model.ts";
import { demoPictures } from "../demo-pictures.ts";
import * as fields from "../fields.ts";

const options = z.object({
  host: fields.text("ADDRESS").default("127.0.0.1").describe("where to listen; 0.0.0.0 lets other machines in"),
  port: fields.integer(0).default(8080).describe("0 takes a free one"),
  allowHost: fields
    .list("NAME,…")
    .optional()
    .describe("names to be asked by, beside localhost and addresses, as of a proxy"),
  weights: fields.word(["best", "last"]).default("best").describe("which weights of a run"),
  noPictures: z.boolean().default(false).describe("offer no pictures to try the model on"),
  out: fields.text("DIR").optional().describe("write the page into a folder, for any web server, and end"),
});

type Options = z.infer<typeof options>;

export const demo = defineCommand({
  name: "demo",
  summary: "show a model in a web page: on pictures and the camera, computed by the browser",
  usage: "RUN|MODEL.onnx [--port N] [--out DIR]",
  options,
  async run({ options: given, positionals, ...io }) {
    const { output, signal } = io;
    const path = oneModel(positionals);
    output.line(`making the page of ${path}`);
    const model = await demoModel(path, given.weights, io);
    signal.throwIfAborted();
    const pictures = given.noPictures ? [] : await demoPictures(model, io);
    // Other commands need no HTTP server, so that they start without reading one.
    const { demoSite } = await import("../../serve/demo/site.node.ts");
    const site = await demoSite({ name: model.name, model: model.bytes, pictures });
    signal.throwIfAborted();
    if (given.out === undefined) return serve(site, given, io);
    const { writeSite } = await import("../../serve/demo/write-site.node.ts");
    await writeSite(site, given.out);
    output.line(`the page is in ${given.out}: put it on any web server, best with https`);
    output.event("end", { out: given.out, files: [...site.keys()] });
  },
});

function oneModel([path, ...more]: readonly string[]): string {
  if (path !== undefined && more.length === 0) return path;
  const received = path === undefined ? "none" : [path, ...more].join(" ");
  throw new ConfigError(`demo: expected one model, but received ${received}`, {
    hint: "Write segkit demo RUN, or the name of a file that segkit export wrote.",
  });
}

async function serve(site: ReadonlyMap<string, Uint8Array>, given: Options, io: CommandIo): Promise<void> {
  const { host, port, allowHost } = given;
  const { output, signal } = io;
  const { serveSite } = await import("../../serve/demo/site-server.node.ts");
  const server = await serveSite(site, { host, port }, allowHost);
  try {
    if (!isLoopback(host))
      output.note("note: browsers give a page of another machine camera, GPU and threads only through https");
    output.line(`open ${server.url} in a browser; Ctrl-C stops`);
    output.event("listening", { url: server.url });
    await aborted(signal);
  } finally {
    await server.close();
  }
  signal.throwIfAborted();
}
