import type { Server } from "node:http";
import { extname } from "node:path";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { hostCheck, isLoopback } from "../hosts.node.ts";
import { listen, type Place } from "../listen.node.ts";
import type { Files } from "./page-files.node.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".jpg": "image/jpeg",
  ".wasm": "application/wasm",
};

/** A site that is served. */
export interface SiteServer {
  /** Its address, such as http://127.0.0.1:8080. */
  readonly url: string;
  /** Ends at once: whoever is downloading may try again. */
  close(): Promise<void>;
}

/**
 * Serves the files of a site and nothing else, asked by localhost, a numeric address or one of some names: by default none on an
 * address of this machine alone, else any. @throws ConfigError where it cannot listen.
 */
export async function serveSite(
  site: Files,
  place: Place,
  allowedHosts: readonly string[] | undefined = isLoopback(place.host) ? [] : undefined,
): Promise<SiteServer> {
  const { fetch } = siteApp(site, allowedHosts);
  const server = createAdaptorServer({ fetch, overrideGlobalObjects: false }) as Server;
  const url = await listen(server, place, "demo");
  return {
    url,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What answers for the files of a site: GET and HEAD of the paths that it has, by any name or by some. */
export function siteApp(site: Files, allowedHosts?: readonly string[]): Hono {
  const app = new Hono();
  if (allowedHosts) requireHost(app, allowedHosts);
  // Pages that are isolated in this way may share memory between threads.
  app.use(secureHeaders({ crossOriginEmbedderPolicy: true, xFrameOptions: "DENY", strictTransportSecurity: false }));
  const version = `"${(JSON.parse(new TextDecoder().decode(site.get("site.json"))) as { version: string }).version}"`;
  app.get("*", (c) => {
    const path = c.req.path === "/" ? "index.html" : c.req.path.slice(1);
    const bytes = site.get(path);
    if (!bytes) return c.text("There is nothing here.\n", 404);
    // What changed is found out at every visit, with one short answer a file.
    const kept = { ETag: version, "Cache-Control": "no-cache" };
    if (c.req.header("If-None-Match") === version) return c.body(null, 304, kept);
    const type = types[extname(path)] ?? "application/octet-stream";
    return c.body(bytes as Uint8Array<ArrayBuffer>, 200, { ...kept, "Content-Type": type });
  });
  app.all("*", (c) => c.text("Only GET and HEAD.\n", 405, { Allow: "GET, HEAD" }));
  return app;
}

function requireHost(app: Hono, names: readonly string[]): void {
  const holds = hostCheck(names);
  const refusal =
    "The Host header names neither localhost, nor an address, nor an allowed host.\n" +
    "Open http://127.0.0.1 with the port, or start segkit demo with --allow-host NAME.\n";
  app.use(async (c, next) => (holds(c.req.header("Host")) ? next() : c.text(refusal, 421)));
}
