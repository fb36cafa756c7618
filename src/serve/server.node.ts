import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { type AppOptions, predictionApp } from "./app.node.ts";
import { defaultLimits, type ServeLimits } from "./limits.ts";
import { isLoopback } from "./hosts.node.ts";
import { listen } from "./listen.node.ts";
import type { OpenModel } from "./served-model.ts";
import { PredictionService } from "./service.node.ts";

/** Where and how predictions are served. */
export interface ServeOptions extends AppOptions {
  /** The address of this machine to listen on; default 127.0.0.1, which other machines do not reach. */
  readonly host?: string;
  /** Default 8000; 0 takes a free one. */
  readonly port?: number;
  readonly limits?: Partial<ServeLimits>;
  /** Hears of a model that died and is opened again. */
  readonly onModelFailure?: (error: unknown) => void;
}

/** A server that listens. */
export interface PredictionServer {
  /** Its address, such as http://127.0.0.1:8000. */
  readonly url: string;
  /** Done when the model can predict; fails where it cannot be opened. */
  readonly ready: Promise<void>;
  /** Takes no new requests, answers those that it has, and releases the model. */
  close(): Promise<void>;
}

/**
 * Serves predictions over HTTP. It listens at once and says that it is not ready until the model is opened.
 * @throws ConfigError where it cannot listen.
 */
export async function servePredictions(open: OpenModel, options: ServeOptions): Promise<PredictionServer> {
  const { host = "127.0.0.1", port = 8000 } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const service = new PredictionService(open, limits, options.onModelFailure ?? (() => {}));
  // A page of another site that gets here by DNS rebinding does not know the token.
  const guarded = isLoopback(host) && options.token === undefined ? { allowedHosts: [] } : {};
  const app = predictionApp(service, { ...guarded, ...options });
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  server.headersTimeout = Math.min(10_000, limits.milliseconds);
  server.requestTimeout = limits.milliseconds + 5000;
  // A client that neither sends nor reads is let go.
  server.setTimeout(limits.milliseconds + 10_000);
  const answering = countAnswers(server);
  const url = await listen(server, { host, port }, "serve");
  const ready = service.start();
  // Whoever does not wait for it is no reason for the process to end.
  ready.catch(() => {});
  return {
    url,
    ready,
    async close() {
      service.refuse();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await answering.none();
      // Connections on which no request is under way, also those on which there never was one.
      server.closeAllConnections();
      await closed;
      await ready.catch(() => {});
      await service.release();
    },
  };
}

/** Keeps count of the answers that are not sent yet. */
function countAnswers(server: Server): { none(): Promise<void> } {
  let count = 0;
  let atNone = (): void => {};
  server.on("request", (_, response) => {
    count++;
    response.on("close", () => {
      if (--count === 0) atNone();
    });
  });
  return { none: () => new Promise((resolve) => (count === 0 ? resolve() : (atNone = resolve))) };
}
