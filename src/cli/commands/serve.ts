import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { z } from "zod";
import { defaultLimits } from "../../serve/limits.ts";
import { modelOpener } from "../../serve/open-model.node.ts";
import { isLoopback } from "../../serve/hosts.node.ts";
import type { ServeOptions } from "../../serve/server.node.ts";
import { ConfigError, messageOf } from "../../util/errors.ts";
import { aborted } from "../aborted.ts";
import { type CommandIo, defineCommand } from "../command.ts";
import * as fields from "../fields.ts";
import type { Output } from "../output.ts";

const options = z.object({
  host: fields.text("ADDRESS").default("127.0.0.1").describe("where to listen; 0.0.0.0 lets other machines in"),
  port: fields.integer(0).default(8000).describe("0 takes a free one"),
  allowHost: fields
    .list("NAME,…")
    .optional()
    .describe("names to be asked by, beside localhost and addresses, as of a proxy"),
  tokenFile: fields
    .text("FILE")
    .optional()
    .describe("file with the token that clients must send; or the variable SEGKIT_SERVE_TOKEN"),
  maxMegabytes: fields
    .positive()
    .default(defaultLimits.bytes / 1e6)
    .describe("of a request's body"),
  maxMegapixels: fields
    .positive()
    .default(defaultLimits.pixels / 1e6)
    .describe("of a picture"),
  timeLimit: fields
    .positive()
    .default(defaultLimits.milliseconds / 1000)
    .describe("seconds of a request"),
  queue: fields.integer(1).default(defaultLimits.queue).describe("requests inside at a time; more are refused"),
  weights: fields.word(["best", "last"]).default("best").describe("which weights of a run"),
  tta: z.boolean().default(false).describe("average over mirrored and larger views of each picture; 6 times the work"),
  threads: fields.integer(1).optional().describe("threads that compute; default one a core"),
  backend: fields.backend(),
});

type Options = z.infer<typeof options>;

export const serve = defineCommand({
  name: "serve",
  summary: "predict masks of pictures that are sent over HTTP",
  usage: "MODEL [--host ADDRESS] [--port N]",
  options,
  async run({ options: given, positionals, output, signal }) {
    const model = await modelOpener(oneModel(positionals), {
      ...{ weights: given.weights, backend: given.backend },
      ...(given.threads === undefined ? {} : { threads: given.threads }),
      ...(given.tta ? { tta: {} } : {}),
      onFallback: (reason) => output.note(reason),
    });
    const settings = await serveOptions(given, output);
    // Other commands need no HTTP server, so that they start without reading one.
    const { servePredictions } = await import("../../serve/server.node.ts");
    const server = await servePredictions(model, settings);
    try {
      tell(server.url, settings, output);
      await Promise.race([server.ready, aborted(signal)]);
      if (!signal.aborted) tellReady(output);
      await aborted(signal);
    } finally {
      await server.close();
    }
    output.event("end", {});
  },
});

function oneModel([path, ...more]: readonly string[]): string {
  if (path !== undefined && more.length === 0) return path;
  const received = path === undefined ? "none" : [path, ...more].join(" ");
  throw new ConfigError(`serve: expected one model, but received ${received}`, {
    hint: "Write segkit serve RUN, or the name of a weights file.",
  });
}

async function serveOptions(given: Options, output: Output): Promise<ServeOptions> {
  const token = await readToken(given.tokenFile);
  const { version } = createRequire(import.meta.url)("segkit/package.json") as { version: string };
  return {
    ...{ host: given.host, port: given.port, version },
    ...(token !== undefined && { token }),
    ...(given.allowHost && { allowedHosts: given.allowHost }),
    limits: {
      bytes: Math.floor(given.maxMegabytes * 1e6),
      pixels: Math.floor(given.maxMegapixels * 1e6),
      milliseconds: Math.ceil(given.timeLimit * 1000),
      queue: given.queue,
    },
    onRequest: (request) => output.event("request", { ...request }),
    onFault: (error, id) => output.note(`fault ${id}: ${(error instanceof Error && error.stack) || messageOf(error)}`),
    onModelFailure: (error) => output.note(`the model failed and is opened again: ${messageOf(error)}`),
  };
}

/** The token of the file, or of the environment; undefined where there is none. */
async function readToken(file: string | undefined): Promise<string | undefined> {
  const hint = "Put one line of at least 16 letters, digits or other visible characters into it.";
  const text = file === undefined ? process.env.SEGKIT_SERVE_TOKEN : await readFile(file, "utf8").catch(unreadable);
  if (text === undefined) return undefined;
  const token = text.trim();
  if (/^[!-~]{16,}$/.test(token)) return token;
  throw new ConfigError(`serve: ${file ?? "SEGKIT_SERVE_TOKEN"} holds no token`, { hint });

  function unreadable(error: unknown): never {
    throw new ConfigError(`--token-file: ${file} cannot be read: ${messageOf(error)}`, { hint, cause: error });
  }
}

function tell(url: string, { host = "", token }: ServeOptions, output: CommandIo["output"]): void {
  if (token === undefined && !isLoopback(host))
    output.note(`note: whoever reaches ${url} can use the model; --token-file asks for a token`);
  output.line(`listening on ${url}; Ctrl-C stops`);
  output.event("listening", { url });
}

function tellReady(output: Output): void {
  output.line("the model is ready");
  output.event("ready", {});
}
